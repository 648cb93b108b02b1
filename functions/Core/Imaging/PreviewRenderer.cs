namespace TumorFunctions.Core.Imaging;

/// <summary>Renders the small picture that stands for a volume in lists.</summary>
public static class PreviewRenderer
{
    public const int DefaultLongSide = 512;

    /// <summary>
    /// Writes the middle slice as an 8-bit grey PNG, windowed by <see cref="Greyscale.ChooseWindow"/> and, if it is larger,
    /// reduced to <paramref name="longSide"/> pixels on its long side by averaging areas. NIfTI, whose arrays run any way,
    /// is shown as axial slices with the front of the head on top; other formats as they are stored.
    /// </summary>
    public static void WritePng(Volume volume, Stream destination, int longSide = DefaultLongSide)
    {
        DisplayWindow window = Greyscale.ChooseWindow(volume);
        AnatomicalAxes axes = AnatomicalAxes.Of(volume);
        (byte[] grey, int width, int height) = volume.Format == ImageFormat.Nifti && !axes.IsIdentity
            ? Render(axes.Slice(volume, axes.Size.Depth / 2), axes.Size.Width, axes.Size.Height, window, longSide)
            : Render(volume.Slice(volume.Depth / 2), volume.Width, volume.Height, window, longSide);
        PngWriter.Write(destination, grey, width, height);
    }

    /// <summary>A slice as grey levels, at most <paramref name="longSide"/> pixels on its long side.</summary>
    /// <returns>Rows from the top, one byte a pixel.</returns>
    public static (byte[] Grey, int Width, int Height) Render(
        ReadOnlySpan<float> slice, int width, int height, DisplayWindow window, int longSide = DefaultLongSide)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(longSide, 1);
        byte[] grey = new byte[width * height];
        Greyscale.Apply(slice, window, grey);
        int longest = Math.Max(width, height);
        if (longest <= longSide)
            return (grey, width, height);

        int toWidth = Math.Max(1, (int)Math.Round((double)width * longSide / longest));
        int toHeight = Math.Max(1, (int)Math.Round((double)height * longSide / longest));
        return (AreaAverage.Reduce(grey, width, height, toWidth, toHeight), toWidth, toHeight);
    }
}
