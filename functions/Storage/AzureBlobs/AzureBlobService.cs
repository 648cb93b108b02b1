using Azure.Core;
using Azure.Storage.Blobs;

namespace TumorFunctions.Storage.AzureBlobs;

/// <summary>Clients of a storage account, all with the same retries.</summary>
public static class AzureBlobService
{
    /// <param name="connectionString">An account's, or <c>UseDevelopmentStorage=true</c> for Azurite on its usual ports.</param>
    /// <exception cref="FormatException">The text is no connection string.</exception>
    public static BlobServiceClient Connect(string connectionString) => new(connectionString, Options());

    /// <param name="endpoint">The account's blob endpoint, such as <c>https://account.blob.core.windows.net</c>.</param>
    /// <param name="credential">A managed identity with the role Storage Blob Data Contributor, and Storage Blob Delegator where
    /// upload URLs are handed out.</param>
    public static BlobServiceClient Connect(Uri endpoint, TokenCredential credential) => new(endpoint, credential, Options());

    private static BlobClientOptions Options() => new()
    {
        Retry =
        {
            Mode = RetryMode.Exponential,
            MaxRetries = 5,
            Delay = TimeSpan.FromMilliseconds(200),
            MaxDelay = TimeSpan.FromSeconds(8),
            NetworkTimeout = TimeSpan.FromSeconds(100),
        },
    };
}
