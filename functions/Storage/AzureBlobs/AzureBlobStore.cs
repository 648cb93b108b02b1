using System.Runtime.CompilerServices;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace TumorFunctions.Storage.AzureBlobs;

/// <summary>
/// Blobs in Azure Blob Storage, or Azurite. A write is one Put Blob, or blocks and the commit of their list: either way readers see it
/// whole or not at all. What a cut-off write has left is uncommitted, seen by nobody and removed by the service after a week.
/// Containers are made when they are first written to.
/// </summary>
public sealed class AzureBlobStore : IBlobStore, IDisposable
{
    private readonly BlobServiceClient _service;
    private readonly AzureBlobOptions _options;
    private readonly AzureBlobCapacity _capacity;

    /// <param name="service">The account: <see cref="AzureBlobService"/>.</param>
    /// <param name="time">For the age of the capacity; the system's unless given.</param>
    public AzureBlobStore(BlobServiceClient service, AzureBlobOptions? options = null, TimeProvider? time = null)
    {
        _service = service;
        _options = options ?? new AzureBlobOptions();
        _capacity = new AzureBlobCapacity(service, _options.CapacityAge, time ?? TimeProvider.System);
    }

    public async Task<BlobProperties> WriteAsync(
        BlobAddress address, Stream content, BlobWriteOptions options, CancellationToken cancellationToken = default)
    {
        AddressRules.Check(address);
        AddressRules.Check(options);
        if (options.IfMatch is { } etag && !AzureBlobUpload.IsETag(etag))
            throw new BlobPreconditionException(address);

        try
        {
            var upload = new AzureBlobUpload(Container(address), address, options, _options.BlockLength);
            return await upload.RunAsync(content, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (AzureBlobFailure.OfWrite(failure, address, options) is { } refusal)
        {
            throw refusal;
        }
    }

    public async Task<BlobProperties?> GetPropertiesAsync(BlobAddress address, CancellationToken cancellationToken = default)
    {
        AddressRules.Check(address);
        try
        {
            var found = (await Blob(address).GetPropertiesAsync(cancellationToken: cancellationToken).ConfigureAwait(false)).Value;
            return new BlobProperties(
                address, found.ContentLength, found.ContentType, Text(found.ETag), found.LastModified, Copy(found.Metadata));
        }
        catch (RequestFailedException failure) when (failure.Status == 404)
        {
            return null;
        }
        catch (Exception failure) when (AzureBlobFailure.OfRead(failure, address) is { } refusal)
        {
            throw refusal;
        }
    }

    public async Task<BlobContent> OpenReadAsync(BlobAddress address, CancellationToken cancellationToken = default)
    {
        AddressRules.Check(address);
        var stream = await AzureBlobReadStream.OpenAsync(Blob(address), address, _options.BlockLength, cancellationToken)
            .ConfigureAwait(false);
        return new BlobContent(stream.Properties, stream);
    }

    public async Task<bool> DeleteAsync(BlobAddress address, CancellationToken cancellationToken = default)
    {
        AddressRules.Check(address);
        try
        {
            return await Blob(address).DeleteIfExistsAsync(DeleteSnapshotsOption.IncludeSnapshots, cancellationToken: cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception failure) when (AzureBlobFailure.Unavailable(failure, address) is { } refusal)
        {
            throw refusal;
        }
    }

    public async IAsyncEnumerable<BlobProperties> ListAsync(
        string container, string prefix = "", [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        AddressRules.CheckBlobContainer(container);
        foreach (var blob in await ListSortedAsync(container, prefix, cancellationToken).ConfigureAwait(false))
        {
            var found = blob.Properties;
            yield return new BlobProperties(
                new BlobAddress(container, blob.Name),
                found.ContentLength ?? 0,
                found.ContentType ?? "application/octet-stream",
                found.ETag is { } etag ? Text(etag) : "",
                found.LastModified ?? DateTimeOffset.UnixEpoch,
                Copy(blob.Metadata));
        }
    }

    /// <summary>
    /// Bytes of all blobs of the account, of every container, summed over their listing at most once in
    /// <see cref="AzureBlobOptions.CapacityAge"/>. The service states no bound.
    /// </summary>
    public Task<BlobStoreCapacity> GetCapacityAsync(CancellationToken cancellationToken = default) =>
        _capacity.GetAsync(cancellationToken);

    public void Dispose() => _capacity.Dispose();

    internal static string Text(ETag etag) => etag.ToString("H");

    internal static Dictionary<string, string> Copy(IDictionary<string, string> metadata) => new(metadata, StringComparer.Ordinal);

    // The service orders names by UTF-8, which parts from ordinal order where surrogate pairs meet characters above them.
    private async Task<List<BlobItem>> ListSortedAsync(string container, string prefix, CancellationToken cancellationToken)
    {
        List<BlobItem> blobs = [];
        var sorted = true;
        try
        {
            var pages = _service.GetBlobContainerClient(container).GetBlobsAsync(
                BlobTraits.Metadata, BlobStates.None, prefix.Length == 0 ? null : prefix, cancellationToken);
            await foreach (var blob in pages.ConfigureAwait(false))
            {
                sorted &= blobs.Count == 0 || string.CompareOrdinal(blobs[^1].Name, blob.Name) < 0;
                blobs.Add(blob);
            }
        }
        catch (RequestFailedException failure) when (AzureBlobFailure.IsContainerMissing(failure))
        {
            return blobs;
        }
        catch (Exception failure) when (AzureBlobFailure.Unavailable(failure, new BlobAddress(container, prefix)) is { } refusal)
        {
            throw refusal;
        }

        if (!sorted)
            blobs.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return blobs;
    }

    private BlobContainerClient Container(BlobAddress address) => _service.GetBlobContainerClient(address.Container);

    private BlockBlobClient Blob(BlobAddress address) => Container(address).GetBlockBlobClient(address.Name);
}
