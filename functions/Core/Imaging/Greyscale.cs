using System.Runtime.Intrinsics;

namespace TumorFunctions.Core.Imaging;

/// <summary>Maps voxel values to the grey levels of a display.</summary>
public static class Greyscale
{
    // Of all voxels, so many per mille may saturate at either end.
    private const double LowQuantile = 0.005;
    private const double HighQuantile = 0.995;

    /// <summary>0 to 255 onto itself.</summary>
    public static DisplayWindow Identity { get; } = new(128, 256);

    /// <summary>
    /// The window to show a volume with: the file's own; else the identity for images of at most eight bits; else
    /// the 0.5th to the 99.5th percentile of the volume's finite values.
    /// </summary>
    public static DisplayWindow ChooseWindow(Volume volume)
    {
        if (volume.Window is { Width: >= 1 } window && double.IsFinite(window.Center) && double.IsFinite(window.Width))
            return window;

        if (volume is { BitsPerSample: <= 8, Format: ImageFormat.Png or ImageFormat.Jpeg or ImageFormat.Tiff })
            return Identity;

        return volume.CentralWindow;
    }

    /// <summary>The 0.5th to the 99.5th percentile of the finite values; their whole range where these are the same.</summary>
    internal static DisplayWindow FindCentralWindow(float[] voxels)
    {
        (float low, float high) = Quantiles.Find(voxels, LowQuantile, HighQuantile);
        if (low == high)
            (low, high) = Quantiles.Find(voxels, 0, 1);
        return FromRange(low, high);
    }

    /// <summary>The window that shows <paramref name="black"/> as 0 and <paramref name="white"/> as 255.</summary>
    public static DisplayWindow FromRange(double black, double white) =>
        new((black + white + 1) / 2, white - black + 1);

    /// <summary>Applies the linear VOI function of DICOM PS3.3 C.11.2.1.2.1, rounded to the nearest grey level.</summary>
    /// <param name="slice">Values in the volume's unit; NaN becomes black.</param>
    /// <param name="window">Center c and width w ≥ 1: values up to c − 0.5 − (w − 1)/2 are black, above c − 0.5 + (w − 1)/2 white.</param>
    /// <param name="destination">As long as the slice.</param>
    /// <exception cref="ArgumentException">The lengths differ or the window's width is below 1.</exception>
    public static void Apply(ReadOnlySpan<float> slice, DisplayWindow window, Span<byte> destination)
    {
        if (destination.Length != slice.Length)
            throw new ArgumentException($"{slice.Length} values do not fill {destination.Length} bytes.", nameof(destination));

        if (!(window.Width >= 1))
            throw new ArgumentException($"A window is at least 1 wide, not {window.Width}.", nameof(window));

        if (window.Width == 1)
        {
            for (int x = 0; x < slice.Length; x++)
                destination[x] = slice[x] > window.Center - 0.5 ? byte.MaxValue : (byte)0;
            return;
        }

        float scale = (float)(byte.MaxValue / (window.Width - 1));
        float black = (float)(window.Center - 0.5 - ((window.Width - 1) / 2));
        int i = 0;
        for (; i <= slice.Length - 16; i += 16)
        {
            Vector128<short> low = Vector128.Narrow(Level(slice, i, black, scale), Level(slice, i + 4, black, scale));
            Vector128<short> high = Vector128.Narrow(Level(slice, i + 8, black, scale), Level(slice, i + 12, black, scale));
            Vector128.Narrow(low.AsUInt16(), high.AsUInt16()).CopyTo(destination[i..]);
        }

        for (; i < slice.Length; i++)
            destination[i] = Level(slice[i], black, scale);
    }

    // Clamped before it is rounded; the comparison that fails for NaN yields black.
    private static byte Level(float value, float black, float scale)
    {
        float level = (value - black) * scale;
        return level > 0 ? (byte)(MathF.Min(level, byte.MaxValue) + 0.5f) : (byte)0;
    }

    private static Vector128<int> Level(ReadOnlySpan<float> slice, int start, float black, float scale)
    {
        Vector128<float> level = (Vector128.Create(slice[start..]) - Vector128.Create(black)) * scale;
        level = Vector128.ConditionalSelect(Vector128.GreaterThan(level, Vector128<float>.Zero), level, Vector128<float>.Zero);
        level = Vector128.Min(level, Vector128.Create((float)byte.MaxValue)) + Vector128.Create(0.5f);
        return Vector128.ConvertToInt32(level);
    }
}
