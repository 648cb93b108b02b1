using System.Buffers;
using System.Buffers.Binary;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace TumorFunctions.Storage.AzureBlobs;

/// <summary>
/// One write of a blob. Blocks carry ids of this write alone, so that two writers of a blob cannot commit each other's content (the
/// SDK's own upload names blocks by their place).
/// </summary>
internal sealed class AzureBlobUpload(BlobContainerClient container, BlobAddress address, BlobWriteOptions options, int blockLength)
{
    private readonly BlockBlobClient _blob = container.GetBlockBlobClient(address.Name);
    private readonly Guid _id = Guid.NewGuid();

    /// <summary>Whether a text can be sent as one ETag; '*' would match any.</summary>
    public static bool IsETag(string text) =>
        text.Length > 0 && text != "*" && !text.AsSpan().ContainsAnyExceptInRange('!', '~');

    public async Task<BlobProperties> RunAsync(Stream content, CancellationToken cancellationToken)
    {
        var block = ArrayPool<byte>.Shared.Rent(blockLength);
        var next = ArrayPool<byte>.Shared.Rent(blockLength);
        var staging = Task.CompletedTask;
        try
        {
            var read = await ReadBlockAsync(content, block, cancellationToken).ConfigureAwait(false);
            if (read < blockLength)
                return await PutAsync(block, read, cancellationToken).ConfigureAwait(false);

            await CheckConditionsAsync(cancellationToken).ConfigureAwait(false);
            List<string> ids = [];
            var length = 0L;
            while (read > 0)
            {
                ids.Add(BlockId(ids.Count));
                length += read;
                staging = StageAsync(ids[^1], block, read, cancellationToken);
                // The next block is read while this one goes up.
                read = await ReadBlockAsync(content, next, cancellationToken).ConfigureAwait(false);
                await staging.ConfigureAwait(false);
                (block, next) = (next, block);
            }

            return await CommitAsync(ids, length, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // A request that is still under way reads its block.
            await staging.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ArrayPool<byte>.Shared.Return(block);
            ArrayPool<byte>.Shared.Return(next);
        }
    }

    private Task<int> ReadBlockAsync(Stream content, byte[] block, CancellationToken cancellationToken) =>
        content.ReadAtLeastAsync(block.AsMemory(0, blockLength), blockLength, throwOnEndOfStream: false, cancellationToken).AsTask();

    private async Task<BlobProperties> PutAsync(byte[] block, int length, CancellationToken cancellationToken)
    {
        var upload = new BlobUploadOptions
        {
            Conditions = Conditions(),
            HttpHeaders = Headers(),
            Metadata = Metadata(),
            // One request, one commit: content below the first size is not cut up.
            TransferOptions = new() { InitialTransferSize = length + 1L, MaximumTransferSize = length + 1L },
        };
        var info = await InContainerAsync(
            async () =>
            {
                using var body = new MemoryStream(block, 0, length, writable: false);
                return (await _blob.UploadAsync(body, upload, cancellationToken).ConfigureAwait(false)).Value;
            },
            cancellationToken).ConfigureAwait(false);
        return Written(info, length);
    }

    private async Task StageAsync(string id, byte[] block, int length, CancellationToken cancellationToken) => await InContainerAsync(
        async () =>
        {
            using var body = new MemoryStream(block, 0, length, writable: false);
            return await _blob.StageBlockAsync(id, body, cancellationToken: cancellationToken).ConfigureAwait(false);
        },
        cancellationToken).ConfigureAwait(false);

    private async Task<BlobProperties> CommitAsync(List<string> ids, long length, CancellationToken cancellationToken)
    {
        var commit = new CommitBlockListOptions { Conditions = Conditions(), HttpHeaders = Headers(), Metadata = Metadata() };
        var info = await _blob.CommitBlockListAsync(ids, commit, cancellationToken).ConfigureAwait(false);
        return Written(info.Value, length);
    }

    // The commit decides; this spares the upload of what is sure to be refused.
    private async Task CheckConditionsAsync(CancellationToken cancellationToken)
    {
        if (Conditions() is null)
            return;

        try
        {
            var found = await _blob.GetPropertiesAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            if (options.IfMatch is null)
                throw new BlobConflictException(address);
            if (new ETag(options.IfMatch) != found.Value.ETag)
                throw new BlobPreconditionException(address);
        }
        catch (RequestFailedException failure) when (failure.Status == 404)
        {
            if (options.IfMatch is not null)
                throw new BlobPreconditionException(address);
        }
    }

    private async Task<T> InContainerAsync<T>(Func<Task<T>> send, CancellationToken cancellationToken)
    {
        try
        {
            return await send().ConfigureAwait(false);
        }
        catch (RequestFailedException failure) when (AzureBlobFailure.IsContainerMissing(failure))
        {
            await container.CreateIfNotExistsAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            return await send().ConfigureAwait(false);
        }
    }

    private string BlockId(int index)
    {
        // Ids of a blob's blocks must all be of one length.
        Span<byte> id = stackalloc byte[20];
        _id.TryWriteBytes(id);
        BinaryPrimitives.WriteInt32BigEndian(id[16..], index);
        return Convert.ToBase64String(id);
    }

    private BlobRequestConditions? Conditions() => options switch
    {
        { IfMatch: { } etag } => new BlobRequestConditions { IfMatch = new ETag(etag) },
        { Overwrite: false } => new BlobRequestConditions { IfNoneMatch = ETag.All },
        _ => null,
    };

    private BlobHttpHeaders Headers() => new() { ContentType = options.ContentType };

    private Dictionary<string, string> Metadata() => new(options.Metadata, StringComparer.Ordinal);

    private BlobProperties Written(BlobContentInfo info, long length) =>
        new(address, length, options.ContentType, AzureBlobStore.Text(info.ETag), info.LastModified, options.Metadata);
}
