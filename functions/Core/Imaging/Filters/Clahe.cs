namespace TumorFunctions.Core.Imaging.Filters;

/// <summary>
/// Contrast-limited adaptive histogram equalisation (Zuiderveld, Graphics Gems IV, 1994): each tile of the picture is equalised by its
/// own clipped histogram, and a pixel takes the bilinear mean of the mappings of the four tiles whose centres surround it. Levels keep
/// the range of the picture. Of 16-bit pictures a histogram has at most <see cref="MaxBins"/> bins over that range, and the mapping
/// is linear within a bin, so that levels which share a bin stay apart.
/// </summary>
public static class Clahe
{
    public const int DefaultTiles = 8;
    public const double DefaultClipLimit = 2;
    public const int MaxBins = 1024;

    private const int MaxTiles = 64;
    private const double MaxClipLimit = 1000;

    /// <param name="clipLimit">Height that a bin keeps, in multiples of the mean bin, 1 (no contrast added) to 1000.</param>
    /// <param name="tiles">Tiles along each side, 1 to 64; fewer where the picture has fewer pixels.</param>
    public static GreyImage Apply(
        GreyImage image, double clipLimit = DefaultClipLimit, int tiles = DefaultTiles, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (!(clipLimit is >= 1 and <= MaxClipLimit))
            throw new ArgumentOutOfRangeException(nameof(clipLimit), clipLimit, $"A clip limit lies between 1 and {MaxClipLimit}.");
        ArgumentOutOfRangeException.ThrowIfLessThan(tiles, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tiles, MaxTiles);

        LevelBins bins = new(image);
        TileAxis columns = new(image.Width, tiles), rows = new(image.Height, tiles);
        TileMapping[] mappings = new TileMapping[columns.Count * rows.Count];
        Parallel.For(0, mappings.Length, new ParallelOptions { CancellationToken = cancellation }, tile =>
        {
            (int left, int right) = columns.Tile(tile % columns.Count);
            (int top, int bottom) = rows.Tile(tile / columns.Count);
            mappings[tile] = new TileMapping(image, bins, (left, top, right, bottom), clipLimit);
        });

        ushort[] levels = new ushort[image.Levels.Length];
        RowBands.Run(image.Width, image.Height, (from, to) =>
        {
            for (int y = from; y < to; y++)
            {
                (int upper, int lower, float down) = rows.Around(y);
                ReadOnlySpan<TileMapping> above = mappings.AsSpan(upper * columns.Count, columns.Count);
                ReadOnlySpan<TileMapping> below = mappings.AsSpan(lower * columns.Count, columns.Count);
                for (int x = 0; x < image.Width; x++)
                {
                    int i = (y * image.Width) + x;
                    (int left, int right, float across) = columns.Around(x);
                    (int bin, float part) = bins.Of(image.Levels[i]);
                    float first = Blend(above[left].Share(bin, part), above[right].Share(bin, part), across);
                    float second = Blend(below[left].Share(bin, part), below[right].Share(bin, part), across);
                    levels[i] = bins.Level(Blend(first, second, down));
                }
            }
        }, cancellation);
        return image.With(levels);
    }

    private static float Blend(float a, float b, float weight) => a + ((b - a) * weight);
}
