namespace TumorFunctions.Core.Radiomics;

/// <summary>Assigns grey levels from 1 upwards to the values of a region.</summary>
internal static class Discretizer
{
    /// <summary>
    /// More levels than any texture needs (a 16-bit image in bins of 25 has 2622), few enough to bound the work that grows with
    /// their square. Level 0 marks voxels outside the region.
    /// </summary>
    public const int MaxLevels = 8192;

    /// <summary>
    /// Fixed bin width: floor(x/w) − floor(min/w) + 1 (PyRadiomics) or floor((x − min)/w) + 1 (IBSI-1, 2.7).
    /// Fixed bin count: floor(n (x − min)/(max − min)) + 1, and n for the maximum (both).
    /// </summary>
    /// <param name="values">The values of the region, all finite.</param>
    /// <param name="levels">Receives a level for each value.</param>
    /// <param name="highest">The highest level in use.</param>
    /// <returns>Null, or why the values cannot be discretised.</returns>
    public static string? Assign(
        ReadOnlySpan<float> values, double minimum, double maximum, RadiomicsOptions options, Span<ushort> levels,
        out int highest)
    {
        highest = 1;
        if (minimum == maximum)
        {
            levels[..values.Length].Fill(1);
            return null;
        }

        if (options.BinCount is { } count)
        {
            var range = maximum - minimum;
            for (var i = 0; i < values.Length; i++)
            {
                levels[i] = (ushort)Math.Min((int)(count * ((values[i] - minimum) / range)) + 1, count);
            }

            highest = count;
            return null;
        }

        var width = options.BinWidth;
        var (origin, first) = options.Convention == RadiomicsConvention.Ibsi
            ? (minimum, 0.0)
            : (0.0, Math.Floor(minimum / width));
        var last = Math.Floor((maximum - origin) / width) - first + 1;
        if (!(last <= MaxLevels))
        {
            return $"A bin width of {width} spreads the region's values, {minimum} to {maximum}, over more than {MaxLevels} " +
                "grey levels: choose a wider bin or a bin count.";
        }

        highest = (int)last;
        for (var i = 0; i < values.Length; i++)
        {
            levels[i] = (ushort)(Math.Floor((values[i] - origin) / width) - first + 1);
        }

        return null;
    }
}
