namespace TumorFunctions.Core.Imaging;

/// <summary>Renders the small picture that stands for a volume in lists.</summary>
public static class PreviewRenderer
{
    public const int DefaultLongSide = 512;

    /// <summary>
    /// Writes the middle slice as an 8-bit grey PNG, windowed by <see cref="Greyscale.ChooseWindow"/> and, if it is larger,
    /// reduced to <paramref name="longSide"/> pixels on its long side by averaging areas.
    /// </summary>
    public static void WritePng(Volume volume, Stream destination, int longSide = DefaultLongSide)
    {
        (byte[] grey, int width, int height) = Render(volume, volume.Depth / 2, Greyscale.ChooseWindow(volume), longSide);
        PngWriter.Write(destination, grey, width, height);
    }

    /// <summary>A slice as grey levels, at most <paramref name="longSide"/> pixels on its long side.</summary>
    /// <returns>Rows from the top, one byte a pixel.</returns>
    public static (byte[] Grey, int Width, int Height) Render(Volume volume, int z, DisplayWindow window, int longSide)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(longSide, 1);
        byte[] grey = new byte[volume.Width * volume.Height];
        Greyscale.Apply(volume.Slice(z), window, grey);
        int longest = Math.Max(volume.Width, volume.Height);
        if (longest <= longSide)
            return (grey, volume.Width, volume.Height);

        int width = Math.Max(1, (int)Math.Round((double)volume.Width * longSide / longest));
        int height = Math.Max(1, (int)Math.Round((double)volume.Height * longSide / longest));
        return (AreaAverage.Reduce(grey, volume.Width, volume.Height, width, height), width, height);
    }
}
