namespace TumorFunctions.Core.Imaging.Filters;

/// <summary>
/// Median over a square window; the picture's border is repeated outwards. Windows of 3×3 and 5×5 go through a selection network over
/// vectors, larger ones through histograms that slide along: in constant time a pixel for 8 bits, in O(radius) for 16.
/// </summary>
public static class MedianFilter
{
    public const int DefaultRadius = 1;

    /// <summary>The window's counts fit 16 bits up to here.</summary>
    public const int MaxRadius = 100;

    /// <param name="radius">1 for 3×3, 2 for 5×5 …, at most <see cref="MaxRadius"/>.</param>
    public static GreyImage Apply(GreyImage image, int radius = DefaultRadius, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentOutOfRangeException.ThrowIfLessThan(radius, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(radius, MaxRadius);

        using PaddedPlane<ushort> plane = new(image, radius);
        ushort[] levels = new ushort[image.Levels.Length];
        // A band of histograms starts by filling them.
        int minRows = radius <= MedianNetwork.MaxRadius ? 1 : 4 * radius;
        RowBands.Run(
            image.Width,
            image.Height,
            (from, to) =>
            {
                if (radius <= MedianNetwork.MaxRadius)
                    MedianNetwork.FilterRows(plane, radius, from, to, levels, image.Width);
                else if (image.Bits == 8)
                    ColumnHistograms.FilterRows(plane, radius, from, to, levels, image.Width);
                else
                    SlidingHistogram.FilterRows(plane, radius, from, to, levels, image.Width);
            },
            cancellation,
            minRows);
        return image.With(levels);
    }
}
