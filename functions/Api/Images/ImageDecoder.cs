using Microsoft.Extensions.Caching.Memory;
using Microsoft.Extensions.Options;
using TumorFunctions.Api.Http;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Images;

/// <summary>
/// The voxels of an uploaded image. What was decoded lately is kept, within bounds: an image is analysed, measured, meshed and reported
/// in a row, and its file never changes. Volumes are shared between requests, so nobody writes to their voxels.
/// </summary>
public sealed class ImageDecoder : IDisposable
{
    private readonly ImageFiles _files;
    private readonly ImageOptions _options;
    private readonly MemoryCache _decoded;

    public ImageDecoder(ImageFiles files, IOptions<ImageOptions> options)
    {
        _files = files;
        _options = options.Value;
        _decoded = new MemoryCache(new MemoryCacheOptions { SizeLimit = _options.DecodedCacheBytes });
    }

    /// <exception cref="NotFoundException">The image was deleted since its record was read.</exception>
    /// <exception cref="ImageFormatException">The file cannot be decoded.</exception>
    public async Task<Volume> DecodeAsync(ImageRecord image, CancellationToken cancellationToken)
    {
        if (_decoded.TryGetValue(image.Filename, out Volume? kept))
        {
            return kept!;
        }

        var volume = await ReadAsync(
            image, stream => ImageReader.Read(stream, ImageLimits.Default, cancellationToken), cancellationToken);
        var bytes = (long)sizeof(float) * volume.Voxels.Length;

        // A volume that would push out everything else is rather decoded again.
        if (bytes <= _options.DecodedCacheBytes / 2)
        {
            _decoded.Set(image.Filename, volume, new MemoryCacheEntryOptions
            {
                Size = bytes,
                SlidingExpiration = TimeSpan.FromSeconds(_options.DecodedCacheSeconds),
            });
        }

        return volume;
    }

    /// <summary>The grid of the image, where its format lets it from the header alone.</summary>
    /// <inheritdoc cref="DecodeAsync"/>
    public async Task<VolumeGeometry> ReadGeometryAsync(ImageRecord image, CancellationToken cancellationToken) =>
        _decoded.TryGetValue(image.Filename, out Volume? kept)
            ? kept!.Geometry
            : await ReadAsync(
                image, stream => ImageReader.ReadGeometry(stream, ImageLimits.Default, cancellationToken), cancellationToken);

    /// <summary>Lets go of an image that is deleted.</summary>
    public void Forget(ImageRecord image) => _decoded.Remove(image.Filename);

    public void Dispose() => _decoded.Dispose();

    private async Task<T> ReadAsync<T>(ImageRecord image, Func<Stream, T> read, CancellationToken cancellationToken)
    {
        try
        {
            await using var blob = await _files.OpenAsync(image.Filename, cancellationToken);
            return read(blob.Stream);
        }
        catch (BlobNotFoundException)
        {
            throw new NotFoundException("影像不存在");
        }
    }
}
