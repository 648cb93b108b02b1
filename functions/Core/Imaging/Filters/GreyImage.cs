namespace TumorFunctions.Core.Imaging.Filters;

/// <summary>A grey picture in whole levels of 8 or 16 bits, as the filters take and give it.</summary>
public sealed class GreyImage
{
    /// <param name="levels">Rows from the top, width × height levels from 0 to <see cref="MaxLevel"/>.</param>
    /// <param name="bits">8 or 16.</param>
    /// <exception cref="ArgumentException">The number of levels is not width × height, or a level exceeds the bits.</exception>
    public GreyImage(ushort[] levels, int width, int height, int bits)
    {
        ArgumentNullException.ThrowIfNull(levels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (bits is not (8 or 16))
            throw new ArgumentOutOfRangeException(nameof(bits), bits, "Levels have 8 or 16 bits.");
        if (levels.LongLength != (long)width * height)
            throw new ArgumentException($"{levels.Length} levels do not fill {width}×{height}.", nameof(levels));
        if (bits == 8 && levels.AsSpan().ContainsAnyExceptInRange((ushort)0, (ushort)byte.MaxValue))
            throw new ArgumentException("A level exceeds 8 bits.", nameof(levels));

        (Levels, Width, Height, Bits) = (levels, width, height, bits);
    }

    public ushort[] Levels { get; }

    public int Width { get; }

    public int Height { get; }

    public int Bits { get; }

    public int MaxLevel => (1 << Bits) - 1;

    /// <summary>Value of level 0 in the unit of the volume that the picture came from.</summary>
    public double Offset { get; private init; }

    /// <summary>Difference of two neighbouring levels in the unit of the volume.</summary>
    public double Step { get; private init; } = 1;

    /// <summary>
    /// A slice of a volume without loss where its values allow it: 8-bit pictures and whole numbers in a range of 16 bits keep their
    /// levels (negative ones are lifted by <see cref="Offset"/>); anything else is spread over 16 bits. NaN and −∞ become level 0,
    /// +∞ the highest.
    /// </summary>
    public static GreyImage FromSlice(Volume volume, int z)
    {
        ArgumentNullException.ThrowIfNull(volume);
        ReadOnlySpan<float> slice = volume.Slice(z);
        (float low, float high, bool whole) = Survey(slice);
        bool picture = volume.Format is ImageFormat.Png or ImageFormat.Jpeg or ImageFormat.Tiff;
        if (volume.BitsPerSample <= 8 && low >= 0 && high <= byte.MaxValue && (picture || whole))
            return Quantise(slice, volume, bits: 8, offset: 0, step: 1);

        // Grey made from 16-bit colour has fractions that no reader of a 16-bit picture would miss.
        bool fits = low >= 0 && high <= ushort.MaxValue && (whole || (picture && volume.BitsPerSample <= 16 && high > byte.MaxValue));
        if (fits)
            return Quantise(slice, volume, bits: 16, offset: 0, step: 1);
        if (whole && (double)high - low <= ushort.MaxValue)
            return Quantise(slice, volume, bits: 16, offset: low, step: 1);

        double range = (double)high - low;
        return Quantise(slice, volume, bits: 16, offset: low, step: range > 0 ? range / ushort.MaxValue : 1);
    }

    /// <summary>A picture of the same size and bits with other levels.</summary>
    internal GreyImage With(ushort[] levels) => new(levels, Width, Height, Bits) { Offset = Offset, Step = Step };

    /// <summary>A picture of the same size whose levels no longer stand for the volume's values.</summary>
    internal GreyImage Remapped(ushort[] levels, double offset, double step) =>
        new(levels, Width, Height, Bits) { Offset = offset, Step = step };

    /// <summary>Writes a grey PNG of <see cref="Bits"/> bits; the stream is left open.</summary>
    public void WritePng(Stream destination, VoxelSpacing? spacing = null)
    {
        if (Bits == 16)
        {
            PngWriter.Write16(destination, Levels, Width, Height, spacing);
            return;
        }

        byte[] bytes = new byte[Levels.Length];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)Levels[i];
        PngWriter.Write(destination, bytes, Width, Height, spacing: spacing);
    }

    private static (float Low, float High, bool Whole) Survey(ReadOnlySpan<float> slice)
    {
        (float low, float high, bool whole) = (float.PositiveInfinity, float.NegativeInfinity, true);
        foreach (float value in slice)
        {
            if (!float.IsFinite(value))
                continue;
            low = MathF.Min(low, value);
            high = MathF.Max(high, value);
            whole &= MathF.Truncate(value) == value;
        }

        return low <= high ? (low, high, whole) : (0, 0, true);
    }

    private static GreyImage Quantise(ReadOnlySpan<float> slice, Volume volume, int bits, double offset, double step)
    {
        ushort[] levels = new ushort[slice.Length];
        double max = (1 << bits) - 1;
        for (int i = 0; i < levels.Length; i++)
        {
            double level = Math.Round((slice[i] - offset) / step, MidpointRounding.AwayFromZero);
            levels[i] = level > 0 ? (ushort)Math.Min(level, max) : (ushort)0;
        }

        return new GreyImage(levels, volume.Width, volume.Height, bits) { Offset = offset, Step = step };
    }
}
