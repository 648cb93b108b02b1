namespace TumorFunctions.Core.Imaging;

/// <summary>
/// Exact order statistics of floats in two passes: a float's bits, with the sign folded in, sort as its value, so counting
/// by the upper and then the lower 16 bits of that key finds any rank without sorting and whatever the outliers.
/// </summary>
internal static class Quantiles
{
    private const int Bins = 1 << 16;

    // Fewer values are not worth another core's bins.
    private const int PartLength = 1 << 19;

    /// <summary>The values at ranks low·(n − 1) and high·(n − 1), rounded, of the n finite values; zeros where there is none.</summary>
    public static (float Low, float High) Find(float[] values, double low, double high)
    {
        uint[] upper = Count(values, Bins, static (part, bins) =>
        {
            foreach (float value in part)
            {
                if (float.IsFinite(value))
                    bins[(int)(Key(value) >> 16)]++;
            }
        });
        long count = 0;
        foreach (uint bin in upper)
            count += bin;
        if (count == 0)
            return (0, 0);

        (int lowBin, long lowWithin) = Locate(upper, (long)Math.Round(low * (count - 1)));
        (int highBin, long highWithin) = Locate(upper, (long)Math.Round(high * (count - 1)));
        uint[] lower = Count(values, 2 * Bins, (part, bins) =>
        {
            foreach (float value in part)
            {
                uint key = Key(value);
                int bin = (int)(key >> 16);
                if ((bin != lowBin && bin != highBin) || !float.IsFinite(value))
                    continue;
                if (bin == lowBin)
                    bins[(ushort)key]++;
                if (bin == highBin)
                    bins[Bins + (ushort)key]++;
            }
        });
        return (
            Value(((uint)lowBin << 16) | (uint)Locate(lower.AsSpan(0, Bins), lowWithin).Bin),
            Value(((uint)highBin << 16) | (uint)Locate(lower.AsSpan(Bins), highWithin).Bin));
    }

    private delegate void Counter(ReadOnlySpan<float> part, Span<uint> bins);

    // Each core counts a part of its own.
    private static uint[] Count(float[] values, int bins, Counter counter)
    {
        int parts = (int)Math.Clamp((long)values.Length / PartLength, 1, Environment.ProcessorCount);
        uint[][] counts = new uint[parts][];
        Parallel.For(0, parts, part =>
        {
            int from = (int)((long)values.Length * part / parts);
            int to = (int)((long)values.Length * (part + 1) / parts);
            counter(values.AsSpan(from, to - from), counts[part] = new uint[bins]);
        });
        for (int part = 1; part < parts; part++)
        {
            for (int i = 0; i < bins; i++)
                counts[0][i] += counts[part][i];
        }

        return counts[0];
    }

    private static (int Bin, long Within) Locate(ReadOnlySpan<uint> counts, long rank)
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
