using TumorFunctions.Core.Imaging.Dicom;
using TumorFunctions.Core.Imaging.Jpeg;
using TumorFunctions.Core.Imaging.Nifti;
using TumorFunctions.Core.Imaging.Png;
using TumorFunctions.Core.Imaging.Tiff;
using TumorFunctions.Core.Imaging.Zip;

namespace TumorFunctions.Core.Imaging;

/// <summary>Reads any supported file into a <see cref="Volume"/>, told apart by content alone.</summary>
public static class ImageReader
{
    /// <summary>Decodes the file from the start of <paramref name="stream"/>.</summary>
    /// <param name="stream">Seekable; left open, at any position.</param>
    /// <param name="limits">Checked against what the header states before anything of that size is allocated.</param>
    /// <exception cref="ImageFormatException">The content is not an image that is read here; the message says why.</exception>
    /// <exception cref="OperationCanceledException">Cancelled between rows, pages or frames.</exception>
    public static Volume Read(Stream stream, ImageLimits? limits = null, CancellationToken cancellation = default) =>
        Guarded(() => Dispatch(stream, limits ?? ImageLimits.Default, cancellation));

    /// <summary>
    /// The middle slice at most <paramref name="longSide"/> pixels long, in little memory where the format lets it be read in pieces.
    /// </summary>
    internal static ReducedVolume ReadReduced(Stream stream, ImageLimits limits, int longSide, CancellationToken cancellation) =>
        Guarded(() => Identify(stream) switch
        {
            ImageFormat.Png => PngReader.ReadReduced(stream, limits, longSide, cancellation),
            ImageFormat.Tiff => TiffReader.ReadReduced(stream, limits, longSide, cancellation),
            ImageFormat.Dicom => DicomReader.ReadReduced(stream, limits, longSide, cancellation),
            ImageFormat.Nifti => NiftiReader.ReadReduced(stream, limits, longSide, cancellation),
            ImageFormat.Zip => ZipReader.ReadReduced(stream, limits, longSide, cancellation),
            _ => Reduce(Dispatch(stream, limits, cancellation), longSide),
        });

    /// <summary>The grid of an image; where the format lets it, without decoding the values.</summary>
    /// <inheritdoc cref="Read"/>
    public static VolumeGeometry ReadGeometry(Stream stream, ImageLimits? limits = null, CancellationToken cancellation = default)
    {
        ImageLimits bounds = limits ?? ImageLimits.Default;
        return Guarded(() => Identify(stream) switch
        {
            ImageFormat.Dicom => DicomReader.ReadGeometry(stream, bounds),
            ImageFormat.Nifti => NiftiReader.ReadGeometry(stream, bounds),
            ImageFormat.Zip => ZipReader.ReadGeometry(stream, bounds, cancellation),
            _ => Dispatch(stream, bounds, cancellation).Geometry,
        });
    }

    /// <summary>
    /// A region drawn in another program: every value but 0 (and NaN) is inside. A NIfTI is read block by block, so that a region takes
    /// one byte a voxel however wide its values are.
    /// </summary>
    /// <inheritdoc cref="Read"/>
    public static MaskFile ReadMask(Stream stream, ImageLimits? limits = null, CancellationToken cancellation = default)
    {
        ImageLimits bounds = limits ?? ImageLimits.Default;
        return Guarded(() => Identify(stream) == ImageFormat.Nifti
            ? NiftiReader.ReadMask(stream, bounds, cancellation)
            : MaskFile.Of(Dispatch(stream, bounds, cancellation)));
    }

    private static ReducedVolume Reduce(Volume volume, int longSide) =>
        new(ReducingSink.Reduce(volume, longSide), volume.Width, volume.Height, volume.Depth);

    // A reader refuses what it understands to be wrong; whatever else a damaged file drives it into is refused here.
    private static T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
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

    private static ImageFormat Identify(Stream stream)
    {
        if (stream.Length == 0)
            throw Refusal.Unsupported("The file is empty.");

        stream.Position = 0;
        Span<byte> head = stackalloc byte[ImageSniffer.HeadLength];
        ImageFormat format = ImageSniffer.Identify(head[..stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)]);
        stream.Position = 0;
        return format;
    }

    private static Volume Dispatch(Stream stream, ImageLimits limits, CancellationToken cancellation)
    {
        ImageFormat format = Identify(stream);
        return format switch
        {
            ImageFormat.Png => PngReader.Read(stream, limits, cancellation),
            ImageFormat.Jpeg => JpegReader.Read(stream, limits, cancellation),
            ImageFormat.Tiff => TiffReader.Read(stream, limits, cancellation),
            ImageFormat.Dicom => DicomReader.Read(stream, limits, cancellation),
            ImageFormat.Nifti => NiftiReader.Read(stream, limits, cancellation),
            ImageFormat.Zip => ZipReader.Read(stream, limits, cancellation),
            _ => throw Refusal.Unsupported(
                "The content is none of the formats read here: PNG, JPEG, TIFF, DICOM, NIfTI (.nii, .nii.gz) or a zip of a DICOM series."),
        };
    }
}
