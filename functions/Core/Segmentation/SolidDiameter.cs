namespace TumorFunctions.Core.Segmentation;

/// <summary>
/// Largest distance between two points of a solid made of slices. Its ends are vertices of the hull of the solid, and each of
/// those is a vertex of the hull of its own plane between slices: only pairs of these are compared, and planes whose hulls
/// cannot hold a longer pair are passed over.
/// </summary>
internal static class SolidDiameter
{
    /// <param name="hulls">One a slice, in order; empty where the solid is absent.</param>
    /// <returns>In the units of the spacings; 0 for nothing.</returns>
    public static double Of(ReadOnlySpan<CornerHull> hulls, double spacingX, double spacingY, double spacingZ)
    {
        var planes = Planes(hulls, spacingX, spacingY, spacingZ);
        var largest = 0.0;
        for (var apart = planes.Count - 1; apart >= 0; apart--)
        {
            for (var i = 0; i + apart < planes.Count; i++)
            {
                if (planes[i].Bound(planes[i + apart]) > largest)
                    largest = Math.Max(largest, planes[i].Largest(planes[i + apart]));
            }
        }

        return Math.Sqrt(largest);
    }

    private static List<Plane> Planes(ReadOnlySpan<CornerHull> hulls, double spacingX, double spacingY, double spacingZ)
    {
        var planes = new List<Plane>();
        for (var z = 0; z <= hulls.Length; z++)
        {
            var hull = CornerHull.Union(z == 0 ? default : hulls[z - 1], z == hulls.Length ? default : hulls[z]);
            if (hull.IsEmpty)
                continue;
            var x = new double[hull.Points.Length];
            var y = new double[hull.Points.Length];
            for (var i = 0; i < x.Length; i++)
                (x[i], y[i]) = (hull.Points[i].X * spacingX, hull.Points[i].Y * spacingY);
            planes.Add(new Plane(x, y, z * spacingZ));
        }

        return planes;
    }

    private sealed class Plane(double[] x, double[] y, double z)
    {
        private readonly (double Low, double High) _spanX = (x.Min(), x.Max());
        private readonly (double Low, double High) _spanY = (y.Min(), y.Max());

        /// <summary>No pair of points of the two planes is farther apart, squared.</summary>
        public double Bound(Plane other)
        {
            var dx = Math.Max(_spanX.High - other._spanX.Low, other._spanX.High - _spanX.Low);
            var dy = Math.Max(_spanY.High - other._spanY.Low, other._spanY.High - _spanY.Low);
            return (dx * dx) + (dy * dy) + Squared(other);
        }

        /// <summary>Largest squared distance between a point here and a point there.</summary>
        public double Largest(Plane other)
        {
            var largest = 0.0;
            for (var i = 0; i < x.Length; i++)
            {
                for (var k = 0; k < other.X.Length; k++)
                {
                    double dx = x[i] - other.X[k], dy = y[i] - other.Y[k];
                    largest = Math.Max(largest, (dx * dx) + (dy * dy));
                }
            }

            return largest + Squared(other);
        }

        private double[] X => x;

        private double[] Y => y;

        private double Z => z;

        private double Squared(Plane other) => (z - other.Z) * (z - other.Z);
    }
}
