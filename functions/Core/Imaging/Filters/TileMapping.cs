namespace TumorFunctions.Core.Imaging.Filters;

/// <summary>How one tile equalises: the cumulative share of its pixels over the bins, their heights clipped.</summary>
internal sealed class TileMapping
{
    private readonly float[] _below;

    /// <param name="tile">Left, top, right and bottom; the last two lie outside.</param>
    /// <param name="clipLimit">In multiples of the mean bin.</param>
    public TileMapping(GreyImage image, LevelBins bins, (int Left, int Top, int Right, int Bottom) tile, double clipLimit)
    {
        int[] histogram = new int[bins.Count];
        for (int y = tile.Top; y < tile.Bottom; y++)
        {
            foreach (ushort level in image.Levels.AsSpan((y * image.Width) + tile.Left, tile.Right - tile.Left))
                histogram[bins.Of(level).Bin]++;
        }

        int pixels = (tile.Right - tile.Left) * (tile.Bottom - tile.Top);
        Clip(histogram, LimitOf(clipLimit, pixels, bins.Count));
        _below = new float[bins.Count + 1];
        long sum = 0;
        for (int bin = 0; bin < histogram.Length; bin++)
        {
            sum += histogram[bin];
            _below[bin + 1] = (float)((double)sum / pixels);
        }
    }

    /// <summary>Share of the pixels below a place in a bin.</summary>
    public float Share(int bin, float part) => _below[bin] + ((_below[bin + 1] - _below[bin]) * part);

    // All pixels must find room under the limit.
    private static int LimitOf(double clipLimit, int pixels, int bins) =>
        (int)Math.Max(Math.Ceiling((double)pixels / bins), Math.Min(pixels, clipLimit * pixels / bins));

    /// <summary>
    /// Cuts the bins at the limit and hands what was cut off to the others in equal parts, then one by one in even steps, as Zuiderveld
    /// does; but a bin that the equal part fills up takes only what it has room for, so that no pixel is lost.
    /// </summary>
    private static void Clip(int[] histogram, int limit)
    {
        int excess = 0;
        foreach (int count in histogram)
            excess += Math.Max(0, count - limit);

        int share = excess / histogram.Length;
        for (int bin = 0; bin < histogram.Length; bin++)
        {
            int filled = Math.Min(limit, histogram[bin] + share);
            excess -= histogram[bin] > limit ? 0 : filled - histogram[bin];
            histogram[bin] = filled;
        }

        while (excess > 0)
        {
            for (int start = 0; start < histogram.Length && excess > 0; start++)
            {
                int step = Math.Max(1, histogram.Length / excess);
                for (int bin = start; bin < histogram.Length && excess > 0; bin += step)
                {
                    if (histogram[bin] < limit)
                    {
                        histogram[bin]++;
                        excess--;
                    }
                }
            }
        }
    }
}
