using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Radiomics;

/// <summary>
/// Largest distances in mm between vertices of a surface: of any two, and of two in one slice, column or row plane.
/// </summary>
/// <param name="Slice">Within a plane of constant z.</param>
/// <param name="Column">Within a plane of constant y.</param>
/// <param name="Row">Within a plane of constant x.</param>
internal readonly record struct Diameters(double Any, double Slice, double Column, double Row)
{
    public static Diameters Of(SurfaceExtents extents, VoxelSpacing spacing)
    {
        var (sx, sy, sz) = (spacing.X / 2, spacing.Y / 2, spacing.Z / 2);
        var hull = new PlanarHull();
        var candidates = new List<Layer>(extents.Depth);
        var inColumns = new HashSet<HullPoint>();
        double slice = 0, column = 0, row = 0;
        for (var y = 0; y < extents.Height; y++)
        {
            hull.Build(extents.MinimumX, extents.MaximumX, y, extents.Height, extents.Depth);
            column = Math.Max(column, hull.SquaredDiameter(sx, sz));
            foreach (var (z, x) in hull.Points)
            {
                inColumns.Add(new HullPoint(x, y, z));
            }
        }

        for (var x = 0; x < extents.Width; x++)
        {
            hull.Build(extents.MinimumY, extents.MaximumY, x, extents.Width, extents.Depth);
            row = Math.Max(row, hull.SquaredDiameter(sy, sz));
        }

        for (var z = 0; z < extents.Depth; z++)
        {
            hull.Build(extents.MinimumX, extents.MaximumX, z * extents.Height, 1, extents.Height);
            slice = Math.Max(slice, hull.SquaredDiameter(sx, sy));
            // An end of the diameter is a corner of the whole hull, hence of the hull in each plane through it.
            var layer = new Layer(z * sz, hull.Points.Where(p => inColumns.Contains(new HullPoint(p.Across, p.Along, z)))
                .Select(p => (p.Across * sx, p.Along * sy)));
            if (layer.X.Length > 0)
            {
                candidates.Add(layer);
            }
        }

        var any = Math.Max(slice, Math.Max(column, row));
        for (var a = 0; a < candidates.Count; a++)
        {
            // The farthest layers first: they most likely hold the diameter, and then rule out the others.
            for (var b = candidates.Count - 1; b > a; b--)
            {
                any = Layer.Farthest(candidates[a], candidates[b], any);
            }
        }

        return new Diameters(Math.Sqrt(any), Math.Sqrt(slice), Math.Sqrt(column), Math.Sqrt(row));
    }

    private readonly record struct HullPoint(int X, int Y, int Z);

    /// <summary>Candidates in one plane of constant z, in mm.</summary>
    private sealed class Layer
    {
        private readonly double _z;
        private readonly double _lowX = double.PositiveInfinity;
        private readonly double _highX = double.NegativeInfinity;
        private readonly double _lowY = double.PositiveInfinity;
        private readonly double _highY = double.NegativeInfinity;

        public Layer(double z, IEnumerable<(double X, double Y)> points)
        {
            _z = z;
            var list = points.ToList();
            X = new double[list.Count];
            Y = new double[list.Count];
            for (var i = 0; i < list.Count; i++)
            {
                (X[i], Y[i]) = list[i];
                (_lowX, _highX) = (Math.Min(_lowX, X[i]), Math.Max(_highX, X[i]));
                (_lowY, _highY) = (Math.Min(_lowY, Y[i]), Math.Max(_highY, Y[i]));
            }
        }

        public double[] X { get; }

        public double[] Y { get; }

        /// <returns>The larger of <paramref name="best"/> and the largest squared distance between both layers.</returns>
        public static double Farthest(Layer a, Layer b, double best)
        {
            var dz = (b._z - a._z) * (b._z - a._z);
            var dx = Math.Max(b._highX - a._lowX, a._highX - b._lowX);
            var dy = Math.Max(b._highY - a._lowY, a._highY - b._lowY);
            if ((dx * dx) + (dy * dy) + dz <= best)
            {
                return best;
            }

            for (var i = 0; i < a.X.Length; i++)
            {
                var (x, y) = (a.X[i], a.Y[i]);
                for (var j = 0; j < b.X.Length; j++)
                {
                    best = Math.Max(best, ((b.X[j] - x) * (b.X[j] - x)) + ((b.Y[j] - y) * (b.Y[j] - y)) + dz);
                }
            }

            return best;
        }
    }
}
