namespace TumorFunctions.Core.Imaging.Filters;

/// <summary>Maps the levels of a picture onto all levels that its bits offer.</summary>
public static class Normalization
{
    /// <summary>Standard deviations on either side of the mean that <see cref="ZScore"/> keeps apart.</summary>
    public const double ZScoreSpan = 3;

    /// <summary>Lowest level → 0, highest → <see cref="GreyImage.MaxLevel"/>, linear between; a flat picture becomes 0.</summary>
    public static GreyImage MinMax(GreyImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        (int low, int high) = (int.MaxValue, int.MinValue);
        foreach (ushort level in image.Levels)
        {
            low = Math.Min(low, level);
            high = Math.Max(high, level);
        }

        double gain = high > low ? (double)image.MaxLevel / (high - low) : 0;
        return Map(image, gain, -low * gain);
    }

    /// <summary>
    /// z = (level − mean) / standard deviation over all pixels (the population's); −3 → 0, 0 → half, +3 →
    /// <see cref="GreyImage.MaxLevel"/>, clamped beyond. A flat picture becomes half.
    /// </summary>
    public static GreyImage ZScore(GreyImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        // Whole numbers below 2^63 for any picture that is read here, so the sums are exact.
        (long sum, UInt128 squares) = (0, 0);
        foreach (ushort level in image.Levels)
            sum += level;
        ulong part = 0;
        for (int i = 0; i < image.Levels.Length; i++)
        {
            part += (uint)image.Levels[i] * (ulong)image.Levels[i];
            if ((i & 0xFFFF) == 0)
                (squares, part) = (squares + part, 0);
        }

        squares += part;
        double count = image.Levels.Length;
        double mean = sum / count;
        double deviation = Math.Sqrt(Math.Max(0, ((double)squares / count) - (mean * mean)));
        double gain = deviation > 0 ? image.MaxLevel / (2 * ZScoreSpan * deviation) : 0;
        return Map(image, gain, (image.MaxLevel / 2.0) - (mean * gain));
    }

    private static GreyImage Map(GreyImage image, double gain, double shift)
    {
        ushort[] table = new ushort[image.MaxLevel + 1];
        for (int level = 0; level < table.Length; level++)
            table[level] = (ushort)(Math.Clamp((level * gain) + shift, 0, image.MaxLevel) + 0.5);

        ushort[] levels = new ushort[image.Levels.Length];
        for (int i = 0; i < levels.Length; i++)
            levels[i] = table[image.Levels[i]];

        // Level l of the result was (l − shift) / gain before.
        return gain > 0
            ? image.Remapped(levels, image.Offset - (shift / gain * image.Step), image.Step / gain)
            : image.Remapped(levels, image.Offset, image.Step);
    }
}
