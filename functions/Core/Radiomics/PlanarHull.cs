namespace TumorFunctions.Core.Radiomics;

/// <summary>Convex hull of the outermost points of the rows of a plane (monotone chain, Andrew 1979), in whole numbers.</summary>
internal sealed class PlanarHull
{
    private readonly List<(long Along, long Across)> _chain = [];

    /// <summary>Corners of the hull: the row, and the position in it. A point may stand twice.</summary>
    public List<(int Along, int Across)> Points { get; } = [];

    /// <param name="minimum">First position of each row; <see cref="int.MaxValue"/> for an empty row.</param>
    /// <param name="maximum">Last position of each row.</param>
    /// <param name="start">Index of the first row.</param>
    /// <param name="stride">Distance of the next row.</param>
    /// <param name="rows">Number of rows.</param>
    public void Build(ReadOnlySpan<int> minimum, ReadOnlySpan<int> maximum, int start, int stride, int rows)
    {
        Points.Clear();
        AddChain(minimum, start, stride, rows, 1);
        AddChain(maximum, start, stride, rows, -1);
    }

    /// <param name="across">Unit of a position in a row, in mm.</param>
    /// <param name="along">Distance between rows in mm.</param>
    public double SquaredDiameter(double across, double along)
    {
        var largest = 0.0;
        for (var i = 0; i < Points.Count; i++)
        {
            for (var j = i + 1; j < Points.Count; j++)
            {
                var u = (Points[i].Across - Points[j].Across) * across;
                var v = (Points[i].Along - Points[j].Along) * along;
                largest = Math.Max(largest, (u * u) + (v * v));
            }
        }

        return largest;
    }

    /// <param name="side">1 for the chain of smallest positions, −1 for that of the largest.</param>
    private void AddChain(ReadOnlySpan<int> positions, int start, int stride, int rows, int side)
    {
        _chain.Clear();
        for (var row = 0; row < rows; row++)
        {
            var position = positions[start + (row * stride)];
            if (position is int.MaxValue or int.MinValue)
            {
                continue;
            }

            var point = (Along: (long)row, Across: (long)position);
            while (_chain.Count > 1 && side * Turn(_chain[^2], _chain[^1], point) <= 0)
            {
                _chain.RemoveAt(_chain.Count - 1);
            }

            _chain.Add(point);
        }

        foreach (var (along, across) in _chain)
        {
            Points.Add(((int)along, (int)across));
        }
    }

    private static long Turn((long Along, long Across) a, (long Along, long Across) b, (long Along, long Across) c) =>
        ((b.Along - a.Along) * (c.Across - a.Across)) - ((b.Across - a.Across) * (c.Along - a.Along));
}
