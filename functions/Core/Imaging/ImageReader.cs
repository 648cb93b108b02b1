using TumorFunctions.Core.Imaging.Jpeg;
using TumorFunctions.Core.Imaging.Nifti;
using TumorFunctions.Core.Imaging.Png;
using TumorFunctions.Core.Imaging.Tiff;

namespace TumorFunctions.Core.Imaging;

/// <summary>Reads any supported file into a <see cref="Volume"/>, told apart by content alone.</summary>
public static class ImageReader
{
    /// <summary>Decodes the file from the start of <paramref name="stream"/>.</summary>
    /// <param name="stream">Seekable; left open, at any position.</param>
    /// <param name="limits">Checked against what the header states before anything of that size is allocated.</param>
    /// <exception cref="ImageFormatException">The content is not an image that is read here; the message says why.</exception>
    /// <exception cref="OperationCanceledException">Cancelled between rows, pages or frames.</exception>
    public static Volume Read(Stream stream, ImageLimits? limits = null, CancellationToken cancellation = default)
    {
        limits ??= ImageLimits.Default;
        try
        {
            return Dispatch(stream, limits, cancellation);
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw Refusal.Corrupt($"The compressed data of the file is damaged: {e.Message}", e);
        }
        catch (OutOfMemoryException e)
        {
            throw Refusal.TooLarge("The image needs more memory than is available.", e);
        }
        catch (Exception e) when (e is IndexOutOfRangeException or ArgumentException or OverflowException or FormatException)
        {
            throw Refusal.Corrupt("The file contradicts itself.", e);
        }
    }

    private static Volume Dispatch(Stream stream, ImageLimits limits, CancellationToken cancellation)
    {
        if (stream.Length == 0)
            throw Refusal.Unsupported("The file is empty.");

        stream.Position = 0;
        Span<byte> head = stackalloc byte[ImageSniffer.HeadLength];
        ImageFormat format = ImageSniffer.Identify(head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)]);
        stream.Position = 0;
        return format switch
        {
            ImageFormat.Png => PngReader.Read(stream, limits, cancellation),
            ImageFormat.Jpeg => JpegReader.Read(stream, limits, cancellation),
            ImageFormat.Tiff => TiffReader.Read(stream, limits, cancellation),
            ImageFormat.Nifti => NiftiReader.Read(stream, limits, cancellation),
            ImageFormat.Unknown => throw Refusal.Unsupported(
                "The content is none of the formats read here: PNG, JPEG, TIFF, DICOM, NIfTI (.nii, .nii.gz) or a zip of a DICOM series."),
            _ => throw Refusal.Unsupported($"{format} files are not read."),
        };
    }
}
