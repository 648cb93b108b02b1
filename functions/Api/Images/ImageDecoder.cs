using TumorFunctions.Api.Http;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Images;

/// <summary>The voxels of an uploaded image.</summary>
public sealed class ImageDecoder(ImageFiles files)
{
    /// <exception cref="NotFoundException">The image was deleted meanwhile.</exception>
    /// <exception cref="ImageFormatException">The file cannot be decoded.</exception>
    public async Task<Volume> DecodeAsync(ImageRecord image, CancellationToken cancellationToken)
    {
        try
        {
            await using var blob = await files.OpenAsync(image.Filename, cancellationToken);
            return ImageReader.Read(blob.Stream, ImageLimits.Default, cancellationToken);
        }
        catch (BlobNotFoundException)
        {
            throw new NotFoundException("影像不存在");
        }
    }
}
