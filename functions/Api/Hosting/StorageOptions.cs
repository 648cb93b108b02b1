using System.ComponentModel.DataAnnotations;

namespace TumorFunctions.Api.Hosting;

/// <summary>Settings under <c>Storage</c>.</summary>
public sealed class StorageOptions
{
    public const string Section = "Storage";
    public const string Embedded = "embedded";
    public const string Cosmos = "cosmos";
    public const string Azure = "azure";

    /// <summary>Folder of the embedded stores, and of what every instance keeps for itself; relative to the working directory.</summary>
    [Required]
    public string DataFolder { get; set; } = "data";

    /// <summary>Where documents are kept: embedded, or cosmos (see <see cref="CosmosOptions"/>).</summary>
    public string Documents { get; set; } = Embedded;

    /// <summary>
    /// Where blobs are kept: embedded, or azure: the account of <see cref="BlobServiceUri"/>, else that of the connection string
    /// AzureWebJobsStorage.
    /// </summary>
    public string Blobs { get; set; } = Embedded;

    /// <summary>Blob endpoint of an account that a managed identity opens, such as https://account.blob.core.windows.net.</summary>
    public string BlobServiceUri { get; set; } = "";

    /// <summary>Whether something is kept in the cloud, where the secrets that newcomers start with must not open anything.</summary>
    public bool InCloud => Documents == Cosmos || (Blobs == Azure && BlobServiceUri.Length > 0);
}
