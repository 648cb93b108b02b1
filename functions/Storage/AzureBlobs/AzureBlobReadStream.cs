using System.Buffers;
using System.Globalization;
using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace TumorFunctions.Storage.AzureBlobs;

/// <summary>
/// A seekable read stream over one version of a blob. The first request brings the properties and the first window of content, so a
/// blob that fits into it is held whole from then on; every further window is asked for under the version's ETag.
/// </summary>
internal sealed class AzureBlobReadStream : Stream
{
    private readonly BlockBlobClient _blob;
    private readonly ETag _etag;
    private byte[] _window;
    private long _windowStart;
    private int _windowLength;
    private long _position;

    private AzureBlobReadStream(BlockBlobClient blob, BlobProperties properties, byte[] window, int windowLength)
    {
        _blob = blob;
        _etag = new ETag(properties.ETag);
        Properties = properties;
        _window = window;
        _windowLength = windowLength;
    }

    public BlobProperties Properties { get; }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => Properties.Length;

    public override long Position
    {
        get => _position;
        set => _position = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value));
    }

    /// <exception cref="BlobNotFoundException">There is no such blob.</exception>
    public static async Task<AzureBlobReadStream> OpenAsync(
        BlockBlobClient blob, BlobAddress address, int windowLength, CancellationToken cancellationToken)
    {
        var window = ArrayPool<byte>.Shared.Rent(windowLength);
        try
        {
            var download = await FirstAsync(blob, windowLength, cancellationToken).ConfigureAwait(false);
            using (download)
            {
                var found = download.Details;
                var length = TotalLength(found);
                var held = (int)Math.Min(length, windowLength);
                await download.Content.ReadExactlyAsync(window.AsMemory(0, held), cancellationToken).ConfigureAwait(false);
                var properties = new BlobProperties(
                    address, length, found.ContentType, AzureBlobStore.Text(found.ETag), found.LastModified,
                    AzureBlobStore.Copy(found.Metadata));
                return new AzureBlobReadStream(blob, properties, window, held);
            }
        }
        catch (Exception failure)
        {
            ArrayPool<byte>.Shared.Return(window);
            if (AzureBlobFailure.OfRead(failure, address) is { } refusal)
                throw refusal;
            throw;
        }
    }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty || _position >= Length)
            return 0;
        if (!InWindow())
        {
            try
            {
                using var download = _blob.DownloadStreaming(NextWindow(out var length)).Value;
                download.Content.ReadExactly(_window, 0, length);
                _windowLength = length;
            }
            catch (Exception failure) when (AzureBlobFailure.OfRead(failure, Properties.Address) is { } refusal)
            {
                throw Changed(refusal);
            }
        }

        return Take(buffer);
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || _position >= Length)
            return 0;
        if (!InWindow())
        {
            try
            {
                var answer = await _blob.DownloadStreamingAsync(NextWindow(out var length), cancellationToken).ConfigureAwait(false);
                using var download = answer.Value;
                await download.Content.ReadExactlyAsync(_window.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
                _windowLength = length;
            }
            catch (Exception failure) when (AzureBlobFailure.OfRead(failure, Properties.Address) is { } refusal)
            {
                throw Changed(refusal);
            }
        }

        return Take(buffer.Span);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => _position + offset,
        SeekOrigin.End => Length + offset,
        _ => throw new ArgumentOutOfRangeException(nameof(origin)),
    };

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (_window.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_window);
            _window = [];
            _windowLength = 0;
        }

        base.Dispose(disposing);
    }

    // A range of an empty blob cannot be satisfied; asked for without one it comes.
    private static async Task<BlobDownloadStreamingResult> FirstAsync(
        BlockBlobClient blob, int windowLength, CancellationToken cancellationToken)
    {
        try
        {
            var first = new BlobDownloadOptions { Range = new HttpRange(0, windowLength) };
            return await blob.DownloadStreamingAsync(first, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException failure) when (failure.Status == 416)
        {
            return await blob.DownloadStreamingAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        }
    }

    // "bytes 0-99/300000", or no such header where all of the blob was sent.
    private static long TotalLength(BlobDownloadDetails details) =>
        details.ContentRange is { Length: > 0 } range && range.LastIndexOf('/') is >= 0 and var slash
            ? long.Parse(range.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture)
            : details.ContentLength;

    private bool InWindow() => _position >= _windowStart && _position < _windowStart + _windowLength;

    private BlobDownloadOptions NextWindow(out int length)
    {
        ObjectDisposedException.ThrowIf(_window.Length == 0, this);
        length = (int)Math.Min(_window.Length, Length - _position);
        _windowStart = _position;
        // Nothing is held until the download is complete.
        _windowLength = 0;
        return new BlobDownloadOptions
        {
            Range = new HttpRange(_position, length),
            Conditions = new BlobRequestConditions { IfMatch = _etag },
        };
    }

    private int Take(Span<byte> buffer)
    {
        var start = (int)(_position - _windowStart);
        var taken = Math.Min(buffer.Length, _windowLength - start);
        _window.AsSpan(start, taken).CopyTo(buffer);
        _position += taken;
        return taken;
    }

    // The version that was opened is gone, whether another took its place or none.
    private StorageException Changed(StorageException refusal) =>
        refusal is BlobNotFoundException ? new BlobPreconditionException(Properties.Address) : refusal;
}
