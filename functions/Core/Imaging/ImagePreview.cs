namespace TumorFunctions.Core.Imaging;

/// <summary>
/// What an upload is looked through for: that its middle slice decodes to its end, the size of the whole, the study it came from, and a
/// small picture.
/// </summary>
public sealed class ImagePreview
{
    public const int DefaultLongSide = 512;

    private readonly Volume _slice;

    private ImagePreview(ReducedVolume reduced)
    {
        _slice = AnatomicalAxes.ForViewing(reduced.Slice.Geometry).Apply(reduced.Slice);
        SourceWidth = reduced.SourceWidth;
        SourceHeight = reduced.SourceHeight;
        SourceDepth = reduced.SourceDepth;
    }

    public int SourceWidth { get; }

    public int SourceHeight { get; }

    public int SourceDepth { get; }

    public StudyFacts Study => _slice.Study;

    /// <param name="stream">Seekable; left open.</param>
    /// <param name="longSide">Longest side of the picture in pixels.</param>
    /// <exception cref="ImageFormatException">The content is not an image that is read here; the message says why.</exception>
    public static ImagePreview Read(
        Stream stream, ImageLimits? limits = null, int longSide = DefaultLongSide, CancellationToken cancellation = default) =>
        new(ImageReader.ReadReduced(stream, limits ?? ImageLimits.Default, longSide, cancellation));

    /// <summary>Writes the picture as an 8-bit grey PNG, windowed by <see cref="Greyscale.ChooseWindow"/>.</summary>
    public void WritePng(Stream destination)
    {
        byte[] grey = new byte[_slice.Voxels.Length];
        Greyscale.Apply(_slice.Voxels, Greyscale.ChooseWindow(_slice), grey);
        PngWriter.Write(destination, grey, _slice.Width, _slice.Height);
    }
}
