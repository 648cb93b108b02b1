namespace TumorFunctions.Core.Imaging;

/// <summary>
/// Exact order statistics of floats in two passes: a float's bits, with the sign folded in, sort as its value, so counting
/// by the upper and then the lower 16 bits of that key finds any rank without sorting and whatever the outliers.
/// </summary>
internal static class Quantiles
{
    private const int Bins = 1 << 16;

    /// <summary>The values at ranks low·(n − 1) and high·(n − 1), rounded, of the n finite values; zeros where there is none.</summary>
    public static (float Low, float High) Find(ReadOnlySpan<float> values, double low, double high)
    {
        uint[] upper = new uint[Bins];
        foreach (float value in values)
        {
            if (float.IsFinite(value))
                upper[Key(value) >> 16]++;
        }

        long count = 0;
        foreach (uint bin in upper)
            count += bin;
        return count == 0
            ? (0, 0)
            : (Select(values, upper, (long)Math.Round(low * (count - 1))), Select(values, upper, (long)Math.Round(high * (count - 1))));
    }

    private static float Select(ReadOnlySpan<float> values, uint[] upper, long rank)
    {
        (int high, long within) = Locate(upper, rank);
        uint[] lower = new uint[Bins];
        foreach (float value in values)
        {
            uint key = Key(value);
            if (key >> 16 == high && float.IsFinite(value))
                lower[(ushort)key]++;
        }

        return Value(((uint)high << 16) | (uint)Locate(lower, within).Bin);
    }

    private static (int Bin, long Within) Locate(uint[] counts, long rank)
    {
        int bin = 0;
        while (rank >= counts[bin])
            rank -= counts[bin++];
        return (bin, rank);
    }

    // Negative values sort in reverse of their bits.
    private static uint Key(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (bits & 0x80000000) != 0 ? ~bits : bits | 0x80000000;
    }

    private static float Value(uint key) =>
        BitConverter.UInt32BitsToSingle((key & 0x80000000) != 0 ? key & 0x7FFFFFFF : ~key);
}
