namespace TumorFunctions.Core.Imaging;

/// <summary>What an upload is looked at for: that it decodes to its end, its size, its study, and a small picture of its middle slice.</summary>
public sealed class ImagePreview
{
    private readonly byte[] _grey;
    private readonly int _width;
    private readonly int _height;

    private ImagePreview(Volume volume)
    {
        SourceWidth = volume.Width;
        SourceHeight = volume.Height;
        SourceDepth = volume.Depth;
        Study = volume.Study;
        (_grey, _width, _height) = PreviewRenderer.Render(
            volume, volume.Depth / 2, Greyscale.ChooseWindow(volume), PreviewRenderer.DefaultLongSide);
    }

    public int SourceWidth { get; }

    public int SourceHeight { get; }

    public int SourceDepth { get; }

    public StudyFacts Study { get; }

    /// <exception cref="ImageFormatException">The content is not an image that is read here; the message says why.</exception>
    public static ImagePreview Read(Stream stream, ImageLimits limits, CancellationToken cancellationToken = default) =>
        new(ImageReader.Read(stream, limits, cancellationToken));

    public void WritePng(Stream destination) => PngWriter.Write(destination, _grey, _width, _height);
}
