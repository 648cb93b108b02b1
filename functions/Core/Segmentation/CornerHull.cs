namespace TumorFunctions.Core.Segmentation;

/// <summary>
/// Convex hull of the pixel corners of a region on a slice, in pixels, counter-clockwise in a right-handed frame. A hull stays
/// a hull when its axes are scaled, so spacing enters only where lengths are taken.
/// </summary>
internal readonly struct CornerHull
{
    private readonly (int X, int Y)[]? _points;

    private CornerHull((int X, int Y)[] points)
    {
        _points = points;
    }

    public bool IsEmpty => _points is null;

    public ReadOnlySpan<(int X, int Y)> Points => _points;

    public int Left => _points!.Min(p => p.X);

    public int Right => _points!.Max(p => p.X);

    public int Top => _points!.Min(p => p.Y);

    public int Bottom => _points!.Max(p => p.Y);

    /// <summary>The hull of a slice's pixels other than 0; empty where there are none.</summary>
    public static CornerHull Of(ReadOnlySpan<byte> slice, int width)
    {
        // Only the outermost pixels of each row can hold a vertex.
        var corners = new List<(int X, int Y)>();
        for (var y = 0; y < slice.Length / width; y++)
        {
            var row = slice.Slice(y * width, width);
            var from = row.IndexOfAnyExcept((byte)0);
            if (from < 0)
                continue;
            var to = row.LastIndexOfAnyExcept((byte)0) + 1;
            corners.Add((from, y));
            corners.Add((to, y));
            corners.Add((from, y + 1));
            corners.Add((to, y + 1));
        }

        return Around(corners);
    }

    /// <summary>The hull of two hulls.</summary>
    public static CornerHull Union(CornerHull a, CornerHull b) =>
        a.IsEmpty ? b : b.IsEmpty ? a : Around([.. a.Points, .. b.Points]);

    /// <summary>Largest distance of two vertices by rotating calipers (Shamos 1978), in the units of the spacing.</summary>
    public double Diameter(double spacingX, double spacingY)
    {
        var points = Points;
        var largest = 0.0;
        var opposite = 1;
        for (var i = 0; i < points.Length; i++)
        {
            var next = points[(i + 1) % points.Length];
            while (Cross(points[i], next, points[(opposite + 1) % points.Length]) > Cross(points[i], next, points[opposite]))
                opposite = (opposite + 1) % points.Length;

            // With an edge parallel to this one both of its ends are antipodal.
            var after = points[(opposite + 1) % points.Length];
            largest = Math.Max(largest, Squared(points[i], points[opposite], spacingX, spacingY));
            largest = Math.Max(largest, Squared(next, points[opposite], spacingX, spacingY));
            largest = Math.Max(largest, Squared(points[i], after, spacingX, spacingY));
        }

        return Math.Sqrt(largest);
    }

    // Andrew's monotone chain (1979); collinear points are left out.
    private static CornerHull Around(List<(int X, int Y)> points)
    {
        if (points.Count == 0)
            return default;
        points.Sort();
        var hull = new List<(int X, int Y)>(points.Count);
        Chain(points, hull);
        var lower = hull.Count;
        points.Reverse();
        Chain(points, hull, lower - 1);
        hull.RemoveAt(hull.Count - 1);
        return new CornerHull([.. hull]);
    }

    private static void Chain(List<(int X, int Y)> points, List<(int X, int Y)> hull, int start = 0)
    {
        for (var i = start == 0 ? 0 : 1; i < points.Count; i++)
        {
            while (hull.Count >= start + 2 && Cross(hull[^2], hull[^1], points[i]) <= 0)
                hull.RemoveAt(hull.Count - 1);
            hull.Add(points[i]);
        }
    }

    private static long Cross((int X, int Y) o, (int X, int Y) a, (int X, int Y) b) =>
        ((long)(a.X - o.X) * (b.Y - o.Y)) - ((long)(a.Y - o.Y) * (b.X - o.X));

    private static double Squared((int X, int Y) a, (int X, int Y) b, double spacingX, double spacingY)
    {
        double x = (a.X - b.X) * spacingX, y = (a.Y - b.Y) * spacingY;
        return (x * x) + (y * y);
    }
}
