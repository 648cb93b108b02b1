using System.Globalization;
using Microsoft.Extensions.Logging;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Images;

/// <summary>
/// The blobs of images. Every blob carries the id of its record and begins with the record's key; one that its record does not name is
/// left over from an upload, analysis or delete that was cut off, and is swept away after a grace time.
/// </summary>
public sealed class ImageFiles(IBlobStore blobs, ImageStore images, TimeProvider time, ILogger<ImageFiles> logger)
{
    private const string OwnerKey = "image_id";

    public static string NewKey() => Guid.NewGuid().ToString("N");

    public Task<BlobProperties> WriteAsync(
        int imageId, string blobName, string contentType, Stream content, CancellationToken cancellationToken) =>
        blobs.WriteAsync(
            AddressOf(blobName),
            content,
            new BlobWriteOptions
            {
                ContentType = contentType,
                Metadata = new Dictionary<string, string> { [OwnerKey] = imageId.ToString(CultureInfo.InvariantCulture) },
            },
            cancellationToken);

    public Task<BlobContent> OpenAsync(string blobName, CancellationToken cancellationToken) =>
        blobs.OpenReadAsync(AddressOf(blobName), cancellationToken);

    /// <summary>The id of the record that a blob was written for; null when there is no such blob.</summary>
    public async Task<int?> OwnerOfAsync(string blobName, CancellationToken cancellationToken)
    {
        try
        {
            var properties = await blobs.GetPropertiesAsync(AddressOf(blobName), cancellationToken);
            return properties is null ? null : OwnerOf(properties);
        }
        catch (StorageAddressException)
        {
            return null;
        }
    }

    /// <summary>Deletes blobs that no record names (any more); what cannot be deleted now is logged and left to the sweeper.</summary>
    public async Task TryDeleteAsync(params IEnumerable<string> blobNames)
    {
        foreach (var blobName in blobNames)
        {
            try
            {
                await blobs.DeleteAsync(AddressOf(blobName), CancellationToken.None);
            }
            catch (Exception exception) when (exception is StorageException or IOException)
            {
                logger.BlobNotDeleted(exception, blobName);
            }
        }
    }

    /// <summary>Deletes what was computed from a mask that is no longer in force.</summary>
    public async Task TryDeleteAllAsync(string prefix)
    {
        try
        {
            await foreach (var blob in blobs.ListAsync(ImageUrls.BlobContainer, prefix, CancellationToken.None))
            {
                await TryDeleteAsync(blob.Address.Name);
            }
        }
        catch (Exception exception) when (exception is StorageException or IOException)
        {
            logger.BlobNotDeleted(exception, prefix);
        }
    }

    /// <summary>Deletes blobs older than <paramref name="grace"/> that no record names; returns how many.</summary>
    public async Task<int> SweepAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        var swept = 0;
        await foreach (var blob in blobs.ListAsync(ImageUrls.BlobContainer, cancellationToken: cancellationToken))
        {
            if (time.GetUtcNow() - blob.LastModified <= grace)
            {
                continue;
            }

            var owner = OwnerOf(blob) is { } id ? await images.FindAsync(id, cancellationToken) : null;
            if (owner is null || !owner.Value.Names(blob.Address.Name))
            {
                await TryDeleteAsync(blob.Address.Name);
                swept++;
            }
        }

        return swept;
    }

    private static int? OwnerOf(BlobProperties blob) =>
        blob.Metadata.TryGetValue(OwnerKey, out var text) && int.TryParse(text, CultureInfo.InvariantCulture, out var id) ? id : null;

    private static BlobAddress AddressOf(string blobName) => new(ImageUrls.BlobContainer, blobName);
}
