namespace TumorFunctions.Core.Segmentation;

/// <summary>A convex polygon, its vertices in order.</summary>
public sealed class ConvexHull
{
    private readonly (double X, double Y)[] _vertices;

    private ConvexHull((double X, double Y)[] vertices) => _vertices = vertices;

    public IReadOnlyList<(double X, double Y)> Vertices => _vertices;

    /// <summary>The hull of at least one point, by Andrew's monotone chain (Inf. Process. Lett. 9, 1979); no three vertices in line.</summary>
    public static ConvexHull Of(IReadOnlyCollection<(double X, double Y)> points)
    {
        var sorted = points.Distinct().Order().ToArray();
        if (sorted.Length < 3)
        {
            return new ConvexHull(sorted);
        }

        var hull = new (double X, double Y)[2 * sorted.Length];
        var count = 0;
        for (var i = 0; i < sorted.Length; i++)
        {
            count = Extend(hull, count, 0, sorted[i]);
        }

        var lower = count - 1;
        for (var i = sorted.Length - 2; i >= 0; i--)
        {
            count = Extend(hull, count, lower, sorted[i]);
        }

        return new ConvexHull(hull[..(count - 1)]);
    }

    /// <summary>The largest distance of two vertices, by rotating calipers (Shamos 1978): linear in their number.</summary>
    public double Diameter()
    {
        var n = _vertices.Length;
        var longest = 0.0;
        if (n < 3)
        {
            return n < 2 ? 0 : Distance(_vertices[0], _vertices[1]);
        }

        var opposite = 1;
        for (var i = 0; i < n; i++)
        {
            var next = (i + 1) % n;
            while (Cross(_vertices[i], _vertices[next], _vertices[(opposite + 1) % n])
                > Cross(_vertices[i], _vertices[next], _vertices[opposite]))
            {
                opposite = (opposite + 1) % n;
            }

            // Parallel edges: both ends of the opposite one are as far.
            var after = (opposite + 1) % n;
            longest = Math.Max(longest, Math.Max(
                Math.Max(Distance(_vertices[i], _vertices[opposite]), Distance(_vertices[next], _vertices[opposite])),
                Math.Max(Distance(_vertices[i], _vertices[after]), Distance(_vertices[next], _vertices[after]))));
        }

        return longest;
    }

    private static int Extend((double X, double Y)[] hull, int count, int floor, (double X, double Y) point)
    {
        while (count - floor >= 2 && Cross(hull[count - 2], hull[count - 1], point) <= 0)
        {
            count--;
        }

        hull[count] = point;
        return count + 1;
    }

    private static double Cross((double X, double Y) origin, (double X, double Y) a, (double X, double Y) b) =>
        ((a.X - origin.X) * (b.Y - origin.Y)) - ((a.Y - origin.Y) * (b.X - origin.X));

    private static double Distance((double X, double Y) a, (double X, double Y) b) => Math.Sqrt(
        ((a.X - b.X) * (a.X - b.X)) + ((a.Y - b.Y) * (a.Y - b.Y)));
}
