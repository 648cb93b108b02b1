namespace TumorFunctions.Core.Segmentation;

/// <summary>
/// How an image lies in the network's input: scaled by one ratio, centred, with borders of grey 114. The geometry is
/// Ultralytics' LetterBox: sizes rounded half to even, the odd border pixel to the right and below.
/// </summary>
internal readonly record struct Letterbox(
    int SourceWidth, int SourceHeight, int TargetWidth, int TargetHeight, int Width, int Height, int Left, int Top, double Ratio)
{
    public const byte PadValue = 114;

    public static Letterbox Fit(int sourceWidth, int sourceHeight, int targetWidth, int targetHeight)
    {
        var ratio = Math.Min((double)targetHeight / sourceHeight, (double)targetWidth / sourceWidth);

        // An image 10000 pixels long and 1 wide would otherwise vanish.
        var width = Math.Max(1, (int)Math.Round(sourceWidth * ratio));
        var height = Math.Max(1, (int)Math.Round(sourceHeight * ratio));
        var left = (int)Math.Round(((targetWidth - width) / 2.0) - 0.1);
        var top = (int)Math.Round(((targetHeight - height) / 2.0) - 0.1);
        return new Letterbox(sourceWidth, sourceHeight, targetWidth, targetHeight, width, height, left, top, ratio);
    }

    /// <summary>From input pixels to the source, clipped to it.</summary>
    public BoundingBox ToSource(BoundingBox box) => new(
        ToSource(box.X0, Left, SourceWidth),
        ToSource(box.Y0, Top, SourceHeight),
        ToSource(box.X1, Left, SourceWidth),
        ToSource(box.Y1, Top, SourceHeight));

    private float ToSource(float position, int shift, int size) =>
        Math.Clamp((float)((position - shift) / Ratio), 0, size);
}
