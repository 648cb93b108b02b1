using System.IO.Compression;
using TumorFunctions.Core.Imaging.Dicom;

namespace TumorFunctions.Core.Imaging.Zip;

/// <summary>
/// Reads a zip as one volume: a DICOM series, its images sorted by their places, or a single file of another format.
/// </summary>
internal static class ZipReader
{
    private const int MaxEntries = 16_384;

    // No deflate stream grows by more than this factor.
    private const long MaxInflation = 1032;

    // Headers, and samples of up to eight bytes.
    private const long ByteOfVoxel = 8;
    private const long Headroom = 1L << 28;

    public static Volume Read(Stream stream, ImageLimits limits, CancellationToken cancellation)
    {
        using ZipArchive archive = new(stream, ZipArchiveMode.Read, leaveOpen: true);
        ZipContent content = Survey(archive, limits, cancellation);
        if (content.Images.Count == 0)
            return ReadOther(content, memory => ImageReader.Read(memory, limits, cancellation), limits);

        DicomSeries series = DicomSeries.Of(content.Images);
        series = series with { Notes = [.. series.Notes, .. content.Notes] };
        if (series.Images is [{ Frames: > 1 } only])
            return Open(only, file => DicomReader.Read(file, limits, cancellation, only.Entry.Length));

        int size = series.Images[0].Width * series.Images[0].Height;
        limits.Check("DICOM series", series.Images[0].Width, series.Images[0].Height, series.Images.Count);
        float[] voxels = new float[(long)size * series.Images.Count];
        Volume? volume = null;
        for (int z = 0; z < series.Images.Count; z++)
        {
            cancellation.ThrowIfCancellationRequested();
            Memory<float> slice = voxels.AsMemory(z * size, size);
            Volume? first = ReadSlice(
                series.Images[z],
                limits,
                slice,
                image => z == 0 ? image.ToVolume(voxels, series.Images.Count, size: null, series) : null,
                cancellation);
            volume ??= first;
        }

        return volume!;
    }

    /// <summary>The middle slice reduced to <paramref name="longSide"/>, in memory for one image.</summary>
    public static ReducedVolume ReadReduced(Stream stream, ImageLimits limits, int longSide, CancellationToken cancellation)
    {
        using ZipArchive archive = new(stream, ZipArchiveMode.Read, leaveOpen: true);
        ZipContent content = Survey(archive, limits, cancellation);
        if (content.Images.Count == 0)
            return ReadOther(content, memory => ImageReader.ReadReduced(memory, limits, longSide, cancellation), limits);

        DicomSeries series = DicomSeries.Of(content.Images);
        if (series.Images is [{ Frames: > 1 } only])
            return Open(only, file => DicomReader.ReadReduced(file, limits, longSide, cancellation, only.Entry.Length));

        (int width, int height) = (series.Images[0].Width, series.Images[0].Height);
        limits.Check("DICOM series", width, height, series.Images.Count);
        float[] slice = new float[width * height];
        ReducingSink sink = new(width, height, longSide);
        DicomFile middle = series.Images[series.Images.Count / 2];
        Volume reduced = ReadSlice(middle, limits, slice, Reduce, cancellation);
        return new ReducedVolume(reduced, width, height, series.Images.Count);

        Volume Reduce(DicomImage image)
        {
            for (int y = 0; y < height; y++)
                slice.AsSpan(y * width, width).CopyTo(sink.Row(0, y, width));
            return image.ToVolume(sink.Finish(), 1, (sink.Width, sink.Height), series);
        }
    }

    /// <summary>The grid of the volume; of a DICOM series its headers alone are read.</summary>
    public static VolumeGeometry ReadGeometry(Stream stream, ImageLimits limits, CancellationToken cancellation)
    {
        using ZipArchive archive = new(stream, ZipArchiveMode.Read, leaveOpen: true);
        ZipContent content = Survey(archive, limits, cancellation);
        if (content.Images.Count == 0)
            return ReadOther(content, memory => ImageReader.ReadGeometry(memory, limits, cancellation), limits);

        DicomSeries series = DicomSeries.Of(content.Images);
        DicomFile first = series.Images[0];
        return Open(first, file =>
        {
            DicomImage image = DicomImage.Open(file, limits, first.Entry.Length);
            return first.Frames > 1 ? image.Describe(image.Stack.Order.Length) : image.Describe(series.Images.Count, series);
        });
    }

    private static ZipContent Survey(ZipArchive archive, ImageLimits limits, CancellationToken cancellation)
    {
        if (archive.Entries.Count > MaxEntries)
            throw Refusal.TooLarge($"The zip holds {archive.Entries.Count} files; at most {MaxEntries} are read.");

        ZipContent content = new();
        long total = 0;
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            cancellation.ThrowIfCancellationRequested();
            if (IsBeside(entry))
                continue;

            total += entry.Length;
            if (entry.Length > entry.CompressedLength * MaxInflation || total > (limits.MaxVoxels * ByteOfVoxel) + Headroom)
                throw Refusal.TooLarge($"The files of the zip take more than {limits.MaxVoxels} voxels can need when they are unpacked.");
            content.Add(entry, limits);
        }

        return content;
    }

    // Folders, and what operating systems and viewers leave in archives.
    private static bool IsBeside(ZipArchiveEntry entry) =>
        entry.Length == 0
        || entry.Name.Length == 0
        || entry.Name.StartsWith('.')
        || entry.FullName.StartsWith("__MACOSX/", StringComparison.OrdinalIgnoreCase)
        || entry.Name.Equals("DICOMDIR", StringComparison.OrdinalIgnoreCase);

    private static T ReadSlice<T>(
        DicomFile file, ImageLimits limits, Memory<float> slice, Func<DicomImage, T> finish, CancellationToken cancellation) =>
        Open(file, stream =>
        {
            DicomImage image = DicomImage.Open(stream, limits, file.Entry.Length);
            new DicomFrameDecoder(image.Header, image.Layout, limits, cancellation).Next(image.ModalityOf(0), slice.Span);
            return finish(image);
        });

    // A refusal names the file of the zip that it is about.
    private static T Open<T>(DicomFile file, Func<Stream, T> read)
    {
        try
        {
            using Stream unpacked = file.Entry.Open();
            return read(unpacked);
        }
        catch (ImageFormatException e)
        {
            throw new ImageFormatException(e.Fault, $"{file.Entry.FullName}: {e.Message}", e.InnerException);
        }
    }

    private static T ReadOther<T>(ZipContent content, Func<Stream, T> read, ImageLimits limits)
    {
        if (content.Others is not [var entry])
        {
            throw Refusal.Unsupported(content.Others.Count == 0
                ? "The zip holds no image; the images of one DICOM series, or a single image of another format, are needed."
                : $"The zip holds {content.Others.Count} images that are not DICOM, {content.Others[0].FullName} among them; they have to be uploaded one by one.");
        }

        if (entry.Length > Math.Min(Array.MaxLength, (limits.MaxVoxels * ByteOfVoxel) + Headroom))
            throw Refusal.TooLarge($"{entry.FullName} takes {entry.Length} bytes when it is unpacked, more than can be read at once.");

        using Stream unpacked = entry.Open();
        MemoryStream memory = new();
        unpacked.CopyTo(memory);
        return read(memory);
    }
}
