using TumorFunctions.Api.Http;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Images;

/// <summary>The voxels of an uploaded image.</summary>
public sealed class ImageDecoder(ImageFiles files)
{
    /// <exception cref="NotFoundException">The image was deleted since its record was read.</exception>
    /// <exception cref="ImageFormatException">The file cannot be decoded.</exception>
    public Task<Volume> DecodeAsync(ImageRecord image, CancellationToken cancellationToken) =>
        ReadAsync(image, stream => ImageReader.Read(stream, ImageLimits.Default, cancellationToken), cancellationToken);

    /// <summary>The grid of the image, where its format lets it from the header alone.</summary>
    /// <inheritdoc cref="DecodeAsync"/>
    public Task<VolumeGeometry> ReadGeometryAsync(ImageRecord image, CancellationToken cancellationToken) =>
        ReadAsync(image, stream => ImageReader.ReadGeometry(stream, ImageLimits.Default, cancellationToken), cancellationToken);

    private async Task<T> ReadAsync<T>(ImageRecord image, Func<Stream, T> read, CancellationToken cancellationToken)
    {
        try
        {
            await using var blob = await files.OpenAsync(image.Filename, cancellationToken);
            return read(blob.Stream);
        }
        catch (BlobNotFoundException)
        {
            throw new NotFoundException("影像不存在");
        }
    }
}
