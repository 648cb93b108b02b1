using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Surgery;

/// <summary>
/// Where head and brain end, found by grey levels. Head: all that air from the border of the slices does not reach, where air is
/// below t = t₂ + 0.1 (t₉₈ − t₂) of the 2nd and 98th percentile (Smith, "Fast robust automated brain extraction", 2002). Brain: what
/// is brighter than t + 0.6 (m − t), m the head's median above t, is worn down by <see cref="Opening"/> mm, which parts brain from
/// scalp at the dark skull; of what is left the largest part grows back as far and has its holes filled. A tumour always counts as
/// brain. An outline for distances, not a segmentation of the brain.
/// </summary>
internal sealed class HeadModel
{
    public const double Opening = 3;

    private const float BrainShare = 0.6f;
    private const double MaxBrainShare = 0.9;

    private readonly HeadGrid _grid;
    private readonly bool[] _head;
    private readonly bool[] _tumour;

    public HeadModel(Volume volume, Mask tumour, VoxelSpacing spacing)
    {
        _grid = HeadGrid.Over(volume, spacing);
        (float low, float high) = Quantiles.Find(volume.Voxels, 0.02, 0.98);
        float threshold = low + (0.1f * (high - low));
        float[] values = new float[_grid.Length];
        _tumour = new bool[_grid.Length];
        for (int cell = 0; cell < values.Length; cell++)
        {
            int voxel = _grid.VoxelOf(cell, volume);
            (values[cell], _tumour[cell]) = (volume.Voxels[voxel], tumour.Voxels[voxel] != 0);
        }

        _head = Filled([.. values.Select((value, cell) => _tumour[cell] || value > threshold)]);
        (_, float median) = Quantiles.Find([.. values.Where((value, cell) => _head[cell] && value > threshold)], 0, 0.5);
        float brainThreshold = threshold + (BrainShare * Math.Max(0, median - threshold));
        Brain = BrainOf([.. values.Select((value, cell) => _tumour[cell] || value > brainThreshold)]);
        IsBrainApart = Brain.Count(inside => inside) < MaxBrainShare * _head.Count(inside => inside);
    }

    public bool[] Brain { get; }

    /// <summary>Whether the brain could be told from the rest of the head; if not, its edge is that of the head.</summary>
    public bool IsBrainApart { get; }

    /// <summary>Shortest distance in mm between the tumour and what is not brain; null where the slices end before the brain does.</summary>
    public double? DistanceToBrainEdge()
    {
        bool[] outside = [.. Brain.Select(inside => !inside)];
        float[] squared = DistanceField.SquaredTo(outside, _grid);
        double nearest = double.PositiveInfinity;
        for (int cell = 0; cell < squared.Length; cell++)
        {
            if (_tumour[cell])
                nearest = Math.Min(nearest, squared[cell]);
        }

        return double.IsFinite(nearest) ? Math.Sqrt(nearest) : null;
    }

    /// <summary>
    /// Walks from a place in mm against a direction to the last cell of the head; the length of the way, and whether the image ended
    /// before the head did.
    /// </summary>
    public (double Length, bool CutOff) WayOut((double X, double Y, double Z) place, (double X, double Y, double Z) direction)
    {
        double step = Math.Min(_grid.Spacing.X, _grid.Spacing.Y) / 4;
        (double length, bool atEnd) = (0, true);
        for (int i = 0; ; i++)
        {
            double way = i * step;
            int x = (int)Math.Round((place.X - (way * direction.X)) / _grid.Spacing.X);
            int y = (int)Math.Round((place.Y - (way * direction.Y)) / _grid.Spacing.Y);
            int z = (int)Math.Round((place.Z - (way * direction.Z)) / _grid.Spacing.Z);
            if (x < 0 || y < 0 || z < 0 || x >= _grid.Width || y >= _grid.Height || z >= _grid.Depth)
                return (length, atEnd);
            atEnd = _head[(((z * _grid.Height) + y) * _grid.Width) + x];
            if (atEnd)
                length = way;
        }
    }

    private bool[] Filled(bool[] tissue)
    {
        bool[] air = [.. tissue.Select(inside => !inside)];
        int[] labels = new int[air.Length];
        foreach (int cell in _grid.Border())
            _grid.Flood(air, cell, labels, 1);
        return [.. labels.Select(label => label == 0)];
    }

    private bool[] BrainOf(bool[] tissue)
    {
        const double reach = Opening * Opening;
        float[] depth = DistanceField.SquaredTo([.. tissue.Select(inside => !inside)], _grid);
        bool[] core = MainPart([.. depth.Select(squared => squared > reach)]);
        float[] toCore = DistanceField.SquaredTo(core, _grid);
        bool[] brain = new bool[tissue.Length];
        for (int cell = 0; cell < brain.Length; cell++)
            brain[cell] = _tumour[cell] || (tissue[cell] && toCore[cell] <= reach);
        return Filled(brain);
    }

    /// <summary>The part with most cells.</summary>
    private bool[] MainPart(bool[] inside)
    {
        int[] labels = new int[inside.Length];
        (int main, int size, int label) = (0, -1, 0);
        for (int cell = 0; cell < inside.Length; cell++)
        {
            if (!inside[cell] || labels[cell] != 0)
                continue;
            int count = _grid.Flood(inside, cell, labels, ++label);
            if (count > size)
                (main, size) = (label, count);
        }

        return [.. labels.Select(l => l != 0 && l == main)];
    }
}
