namespace TumorFunctions.Core.Segmentation;

/// <summary>An 8-bit grey image after windowing, row by row.</summary>
public readonly record struct GreySlice
{
    /// <exception cref="ArgumentException">The number of pixels is not width × height.</exception>
    public GreySlice(ReadOnlyMemory<byte> pixels, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (pixels.Length != (long)width * height)
        {
            throw new ArgumentException($"{pixels.Length} pixels do not fill {width}×{height}.", nameof(pixels));
        }

        Pixels = pixels;
        Width = width;
        Height = height;
    }

    public ReadOnlyMemory<byte> Pixels { get; }

    public int Width { get; }

    public int Height { get; }
}
