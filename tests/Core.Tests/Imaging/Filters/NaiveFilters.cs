using TumorFunctions.Core.Imaging.Filters;

namespace TumorFunctions.Core.Tests.Imaging.Filters;

/// <summary>The filters as their definitions read, pixel by pixel in double precision.</summary>
internal static class NaiveFilters
{
    public static ushort[] MinMax(GreyImage image)
    {
        double low = image.Levels.Min(), high = image.Levels.Max();
        return [.. image.Levels.Select(v => Level(high > low ? (v - low) / (high - low) * image.MaxLevel : 0, image))];
    }

    public static ushort[] ZScore(GreyImage image)
    {
        double mean = image.Levels.Average(v => (double)v);
        double deviation = Math.Sqrt(image.Levels.Average(v => (v - mean) * (v - mean)));
        return [.. image.Levels.Select(v => Level(((deviation > 0 ? (v - mean) / deviation : 0) + 3) / 6 * image.MaxLevel, image))];
    }

    public static ushort[] Gaussian(GreyImage image, double sigma) =>
        Weighted(image, (int)Math.Ceiling(3 * sigma), (dx, dy, _) => Math.Exp(-((dx * dx) + (dy * dy)) / (2 * sigma * sigma)));

    public static ushort[] Bilateral(GreyImage image, double spatial, double range) => Weighted(
        image,
        (int)Math.Ceiling(2 * spatial),
        (dx, dy, difference) => Math.Exp(-((dx * dx) + (dy * dy)) / (2 * spatial * spatial))
            * Math.Exp(-difference * difference / (2 * Math.Pow(range * image.MaxLevel, 2))));

    public static ushort[] Median(GreyImage image, int radius) => ForEach(image, (x, y) =>
    {
        List<int> values = [];
        for (int dy = -radius; dy <= radius; dy++)
        {
            for (int dx = -radius; dx <= radius; dx++)
                values.Add(At(image, x + dx, y + dy));
        }

        values.Sort();
        return values[values.Count / 2];
    });

    /// <summary>Tiles, clipping and redistribution as the article words them, with every mapping written out level by level.</summary>
    public static ushort[] Clahe(GreyImage image, double clipLimit, int tiles, int maxBins)
    {
        int low = image.Levels.Min(), range = image.Levels.Max() - low + 1, bins = Math.Min(range, maxBins);
        int columns = Math.Min(tiles, image.Width), rows = Math.Min(tiles, image.Height);
        double[,][] maps = new double[columns, rows][];
        for (int c = 0; c < columns; c++)
        {
            for (int r = 0; r < rows; r++)
                maps[c, r] = Mapping(image, Start(c, columns, image.Width), Start(c + 1, columns, image.Width), Start(r, rows, image.Height), Start(r + 1, rows, image.Height));
        }

        return ForEach(image, (x, y) =>
        {
            double sum = 0;
            foreach ((int c, double wc) in Weights(x, columns, image.Width))
            {
                foreach ((int r, double wr) in Weights(y, rows, image.Height))
                    sum += wc * wr * maps[c, r][At(image, x, y) - low];
            }

            return low + (sum * (range - 1));
        });

        double[] Mapping(GreyImage source, int left, int right, int top, int bottom)
        {
            int[] counts = new int[bins];
            for (int y = top; y < bottom; y++)
            {
                for (int x = left; x < right; x++)
                    counts[(long)(At(source, x, y) - low) * bins / range]++;
            }

            int pixels = counts.Sum();
            int limit = (int)Math.Max(Math.Ceiling((double)pixels / bins), Math.Min(pixels, clipLimit * pixels / bins));
            int excess = counts.Sum(count => Math.Max(0, count - limit));
            int share = excess / bins;
            int[] clipped = [.. counts.Select(count => Math.Min(limit, Math.Min(count, limit) + (count > limit ? 0 : share)))];
            int rest = pixels - clipped.Sum();
            while (rest > 0)
            {
                for (int start = 0; start < bins && rest > 0; start++)
                {
                    int step = Math.Max(1, bins / rest);
                    for (int bin = start; bin < bins && rest > 0; bin += step)
                    {
                        if (clipped[bin] < limit)
                        {
                            clipped[bin]++;
                            rest--;
                        }
                    }
                }
            }

            Assert.Equal(pixels, clipped.Sum());
            Assert.True(clipped.Max() <= limit);
            int[] below = [.. Enumerable.Range(0, bins).Select(bin => clipped.Take(bin).Sum())];
            return [.. Enumerable.Range(0, range).Select(level =>
            {
                int bin = (int)((long)level * bins / range);
                double part = Math.Min(1, ((level + 1.0) * bins / range) - bin);
                return (below[bin] + (part * clipped[bin])) / pixels;
            })];
        }
    }

    private static int Start(int tile, int tiles, int length) => (int)((long)tile * length / tiles);

    private static (int Tile, double Weight)[] Weights(int at, int tiles, int length)
    {
        double[] centres = [.. Enumerable.Range(0, tiles).Select(t => (Start(t, tiles, length) + Start(t + 1, tiles, length) - 1) / 2.0)];
        if (at <= centres[0])
            return [(0, 1)];
        if (at >= centres[^1])
            return [(tiles - 1, 1)];
        int after = Array.FindIndex(centres, centre => centre > at);
        double weight = (at - centres[after - 1]) / (centres[after] - centres[after - 1]);
        return [(after - 1, 1 - weight), (after, weight)];
    }

    private static ushort[] Weighted(GreyImage image, int radius, Func<int, int, double, double> weight) => ForEach(image, (x, y) =>
    {
        double sum = 0, weights = 0;
        for (int dy = -radius; dy <= radius; dy++)
        {
            for (int dx = -radius; dx <= radius; dx++)
            {
                double w = weight(dx, dy, At(image, x + dx, y + dy) - At(image, x, y));
                sum += w * At(image, x + dx, y + dy);
                weights += w;
            }
        }

        return sum / weights;
    });

    private static ushort[] ForEach(GreyImage image, Func<int, int, double> pixel) =>
        [.. Enumerable.Range(0, image.Levels.Length).Select(i => Level(pixel(i % image.Width, i / image.Width), image))];

    private static int At(GreyImage image, int x, int y) =>
        image.Levels[(Math.Clamp(y, 0, image.Height - 1) * image.Width) + Math.Clamp(x, 0, image.Width - 1)];

    private static ushort Level(double value, GreyImage image) => (ushort)Math.Floor(Math.Clamp(value, 0, image.MaxLevel) + 0.5);
}
