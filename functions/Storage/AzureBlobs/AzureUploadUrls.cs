using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Sas;

namespace TumorFunctions.Storage.AzureBlobs;

/// <summary>
/// SAS URLs that may create and write one blob, and neither read, list nor delete. With a managed identity they are signed by a user
/// delegation key, with a connection string by the account's key. A SAS cannot bound what is written: who takes the blob in checks its
/// length.
/// </summary>
public sealed class AzureUploadUrls(BlobServiceClient service, TimeProvider time) : IUploadUrls
{
    /// <summary>Longest life of a user delegation key.</summary>
    private static readonly TimeSpan MaxLifetime = TimeSpan.FromDays(7);

    // Clocks differ.
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    private UserDelegationKey? _key;

    public async Task<UploadUrl> CreateAsync(
        BlobAddress address, string contentType, long maxBytes, TimeSpan lifetime, CancellationToken cancellationToken = default)
    {
        AddressRules.Check(address);
        AddressRules.Check(new BlobWriteOptions { ContentType = contentType });
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxBytes);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(lifetime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime, MaxLifetime - Skew);

        var now = time.GetUtcNow();
        var expires = DateTimeOffset.FromUnixTimeSeconds((now + lifetime).ToUnixTimeSeconds());
        try
        {
            var container = service.GetBlobContainerClient(address.Container);
            await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            var blob = container.GetBlobClient(address.Name);
            var sas = new BlobSasBuilder(BlobSasPermissions.Create | BlobSasPermissions.Write, expires)
            {
                BlobContainerName = address.Container,
                BlobName = address.Name,
                Resource = "b",
                StartsOn = now - Skew,
                Protocol = blob.Uri.Scheme == Uri.UriSchemeHttps ? SasProtocol.Https : SasProtocol.HttpsAndHttp,
            };
            var url = blob.CanGenerateSasUri
                ? blob.GenerateSasUri(sas)
                : new BlobUriBuilder(blob.Uri)
                {
                    Sas = sas.ToSasQueryParameters(
                        await KeyAsync(now, expires, cancellationToken).ConfigureAwait(false), service.AccountName),
                }.ToUri();
            return new UploadUrl(
                url, "PUT", new Dictionary<string, string> { ["x-ms-blob-type"] = "BlockBlob", ["Content-Type"] = contentType }, expires);
        }
        catch (Exception failure) when (AzureBlobFailure.Unavailable(failure, address) is { } refusal)
        {
            throw refusal;
        }
    }

    // One key signs many URLs. Two callers at once may each fetch one; both are good.
    private async Task<UserDelegationKey> KeyAsync(DateTimeOffset now, DateTimeOffset expires, CancellationToken cancellationToken)
    {
        if (_key is { } key && key.SignedExpiresOn >= expires)
            return key;

        var until = now + TimeSpan.FromDays(1) > expires ? now + TimeSpan.FromDays(1) : expires;
        _key = (await service.GetUserDelegationKeyAsync(now - Skew, until, cancellationToken).ConfigureAwait(false)).Value;
        return _key;
    }
}
