namespace TumorFunctions.Core.Imaging.Filters;

/// <summary>Cuts a side of a picture into nearly equal tiles, and tells for every pixel the tile centres on both sides of it.</summary>
internal sealed class TileAxis
{
    private readonly int _length;
    private readonly (int Before, int After, float Weight)[] _around;

    public TileAxis(int length, int tiles)
    {
        _length = length;
        Count = Math.Min(tiles, length);
        _around = new (int, int, float)[length];
        int before = 0;
        for (int i = 0; i < length; i++)
        {
            while (before + 1 < Count && Centre(before + 1) <= i)
                before++;
            int after = i < Centre(before) ? before : Math.Min(before + 1, Count - 1);
            double gap = Centre(after) - Centre(before);
            _around[i] = (before, after, gap > 0 ? (float)((i - Centre(before)) / gap) : 0);
        }
    }

    public int Count { get; }

    /// <summary>First pixel of a tile, and the one after its last.</summary>
    public (int First, int End) Tile(int tile) => ((int)((long)tile * _length / Count), (int)((long)(tile + 1) * _length / Count));

    /// <summary>The tiles with centres before and after a pixel (the same beyond the outermost), and the weight of the second.</summary>
    public (int Before, int After, float Weight) Around(int pixel) => _around[pixel];

    private double Centre(int tile)
    {
        (int first, int end) = Tile(tile);
        return (first + end - 1) / 2.0;
    }
}
