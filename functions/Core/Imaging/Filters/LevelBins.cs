namespace TumorFunctions.Core.Imaging.Filters;

/// <summary>The range of levels of a picture, cut into equal bins; a range of few levels has a bin a level.</summary>
internal sealed class LevelBins
{
    private readonly int _low;
    private readonly int _high;
    private readonly (int Bin, float Part)[] _places;

    public LevelBins(GreyImage image)
    {
        (_low, _high) = (int.MaxValue, int.MinValue);
        foreach (ushort level in image.Levels)
        {
            _low = Math.Min(_low, level);
            _high = Math.Max(_high, level);
        }

        int range = _high - _low + 1;
        Count = Math.Min(range, Clahe.MaxBins);
        _places = new (int, float)[range];
        for (int i = 0; i < range; i++)
        {
            int bin = (int)((long)i * Count / range);
            _places[i] = (bin, (float)Math.Min(1, ((i + 1.0) * Count / range) - bin));
        }
    }

    public int Count { get; }

    /// <summary>The bin of a level, and how much of the bin lies at or below the level, above 0 and at most 1.</summary>
    public (int Bin, float Part) Of(ushort level) => _places[level - _low];

    /// <summary>The level at a share of the range, 0 to 1 but for the rounding of sums, to the nearest level.</summary>
    public ushort Level(float share) => (ushort)(_low + (MathF.Min(share, 1) * (_high - _low)) + 0.5f);
}
