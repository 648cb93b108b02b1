namespace TumorFunctions.Core.Meshes;

/// <summary>
/// Triangles of a binary marching cube (Lorensen and Cline 1987) with vertices at the midpoints of edges. The table is derived
/// rather than written down: on every face of the cube the cut edges are joined so that two diagonal inside corners stay apart;
/// the joints close to loops, and a loop is cut into a fan of triangles, chosen so that the configurations of the classic table
/// come out as they are there. Since the rule looks at a face alone, neighbouring cubes always agree and the surface has no
/// holes.
/// </summary>
internal static class MarchingCubes
{
    public const int Configurations = 256;

    /// <summary>Corners at both ends of each edge; bits 0, 1 and 2 of a corner are its x, y and z.</summary>
    private static readonly (int From, int To)[] Edges =
    [
        (0, 1), (2, 3), (4, 5), (6, 7), (0, 2), (1, 3), (4, 6), (5, 7), (0, 4), (1, 5), (2, 6), (3, 7),
    ];

    /// <summary>Corners of each face, counter-clockwise seen from outside.</summary>
    private static readonly int[][] Faces =
    [
        [0, 4, 6, 2], [1, 3, 7, 5], [0, 1, 5, 4], [2, 6, 7, 3], [0, 2, 3, 1], [4, 5, 7, 6],
    ];

    private static readonly byte[][] Table = BuildTable();

    /// <summary>
    /// Edges of the triangles of a configuration, three a triangle, counter-clockwise seen from outside the region.
    /// </summary>
    /// <param name="configuration">Bit c is set where corner c is inside.</param>
    public static ReadOnlySpan<byte> Triangles(int configuration) => Table[configuration];

    /// <summary>Where an edge's vertex lies, in halves of the cube's sides from corner 0.</summary>
    public static (int X, int Y, int Z) Midpoint(int edge)
    {
        var (a, b) = Edges[edge];
        return ((a & 1) + (b & 1), ((a >> 1) & 1) + ((b >> 1) & 1), (a >> 2) + (b >> 2));
    }

    private static byte[][] BuildTable()
    {
        var table = new byte[Configurations][];
        for (var configuration = 0; configuration < Configurations; configuration++)
        {
            var triangles = new List<byte>();
            foreach (var loop in Loops(configuration))
            {
                foreach (var (a, b, c) in Fan(loop, BestApex(loop)))
                {
                    triangles.AddRange([(byte)a, (byte)b, (byte)c]);
                }
            }

            table[configuration] = [.. triangles];
        }

        return table;
    }

    /// <summary>The closed loops of cut edges.</summary>
    private static List<List<int>> Loops(int configuration)
    {
        var next = new int[Edges.Length];
        Array.Fill(next, -1);
        foreach (var face in Faces)
        {
            for (var i = 0; i < 4; i++)
            {
                if (!Inside(face[i]) || Inside(face[(i + 3) % 4]))
                {
                    continue;
                }

                // From here on a row of inside corners; what cuts it off joins the edges before and after it.
                var j = i;
                while (Inside(face[(j + 1) % 4]))
                {
                    j++;
                }

                next[EdgeBetween(face[(i + 3) % 4], face[i])] = EdgeBetween(face[j % 4], face[(j + 1) % 4]);
            }
        }

        var loops = new List<List<int>>();
        for (var start = 0; start < next.Length; start++)
        {
            var loop = new List<int>();
            for (var edge = start; next[edge] >= 0;)
            {
                loop.Add(edge);
                (edge, next[edge]) = (next[edge], -1);
            }

            if (loop.Count > 0)
            {
                loops.Add(loop);
            }
        }

        return loops;

        bool Inside(int corner) => ((configuration >> corner) & 1) != 0;
    }

    private static int EdgeBetween(int a, int b) => Array.IndexOf(Edges, (Math.Min(a, b), Math.Max(a, b)));

    /// <summary>
    /// Where the fan of triangles starts: away from diagonals on a face of the cube, since the neighbouring cube may have the
    /// same one and four triangles would meet in it; then where its area is largest, but for loops of seven where the fan is its
    /// own mirror image, as in the classic table.
    /// </summary>
    private static int BestApex(List<int> loop)
    {
        const double Tie = 1e-9;
        return Enumerable.Range(0, loop.Count)
            .OrderBy(apex => Enumerable.Range(0, loop.Count).Count(other => IsDiagonalOnFace(loop, apex, other)))
            .ThenBy(apex => loop.Count == 7 && IsMirror(loop, apex) ? 0 : 1)
            .ThenByDescending(apex => Math.Round(Fan(loop, apex).Sum(t => Area(t.A, t.B, t.C)) / Tie))
            .First();
    }

    private static IEnumerable<(int A, int B, int C)> Fan(List<int> loop, int apex)
    {
        for (var k = 1; k < loop.Count - 1; k++)
        {
            yield return (loop[apex], loop[(apex + k) % loop.Count], loop[(apex + k + 1) % loop.Count]);
        }
    }

    private static bool IsMirror(List<int> loop, int apex)
    {
        for (var k = 1; k < loop.Count; k++)
        {
            if (SquaredDistance(loop[apex], loop[(apex + k) % loop.Count])
                != SquaredDistance(loop[apex], loop[(apex + loop.Count - k) % loop.Count]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsDiagonalOnFace(List<int> loop, int a, int b)
    {
        if (Math.Abs(a - b) <= 1 || Math.Abs(a - b) == loop.Count - 1)
        {
            return false;
        }

        var (p, q) = (Midpoint(loop[a]), Midpoint(loop[b]));
        return SameSide(p.X, q.X) || SameSide(p.Y, q.Y) || SameSide(p.Z, q.Z);

        static bool SameSide(int u, int v) => u == v && u != 1;
    }

    private static int SquaredDistance(int a, int b)
    {
        var (p, q) = (Midpoint(a), Midpoint(b));
        var (x, y, z) = (q.X - p.X, q.Y - p.Y, q.Z - p.Z);
        return (x * x) + (y * y) + (z * z);
    }

    private static double Area(int a, int b, int c)
    {
        var (p, q, r) = (Midpoint(a), Midpoint(b), Midpoint(c));
        var (ux, uy, uz) = (q.X - p.X, q.Y - p.Y, q.Z - p.Z);
        var (vx, vy, vz) = (r.X - p.X, r.Y - p.Y, r.Z - p.Z);
        var (nx, ny, nz) = ((uy * vz) - (uz * vy), (uz * vx) - (ux * vz), (ux * vy) - (uy * vx));
        return Math.Sqrt((nx * nx) + (ny * ny) + (nz * nz)) / 8;
    }
}
