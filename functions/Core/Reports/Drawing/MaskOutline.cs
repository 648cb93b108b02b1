namespace TumorFunctions.Core.Reports.Drawing;

/// <summary>The edge of a mask as closed lines.</summary>
internal static class MaskOutline
{
    /// <summary>
    /// Every edge between an inner and an outer pixel is crossed once; a line runs through the middles of these edges with the inside
    /// on its right, which takes the steps off it. Pixels that touch by a corner alone are apart.
    /// </summary>
    /// <param name="mask">width × height; not 0 inside.</param>
    /// <returns>Points in pixels from the top left corner of the first.</returns>
    public static IReadOnlyList<IReadOnlyList<(double X, double Y)>> Trace(ReadOnlySpan<byte> mask, int width, int height)
    {
        var next = Edges(mask, width, height);
        List<IReadOnlyList<(double X, double Y)>> loops = [];
        foreach (var first in next.ToArray())
        {
            var (x, y, direction) = first;
            List<(double X, double Y)> loop = [];
            while (next.Remove((x, y, direction)))
            {
                var (dx, dy) = Steps[direction];
                loop.Add((x + (dx / 2.0), y + (dy / 2.0)));
                (x, y) = (x + dx, y + dy);

                // Rightmost turn first: at a corner where two pixels touch, the line stays with its own.
                direction = Turn(next, x, y, direction);
            }

            if (loop.Count > 0)
            {
                loops.Add(loop);
            }
        }

        return loops;
    }

    // Right, down, left, up.
    private static readonly (int X, int Y)[] Steps = [(1, 0), (0, 1), (-1, 0), (0, -1)];

    private static int Turn(HashSet<(int X, int Y, int Direction)> edges, int x, int y, int direction)
    {
        foreach (var turn in (ReadOnlySpan<int>)[1, 0, 3])
        {
            var to = (direction + turn) % 4;
            if (edges.Contains((x, y, to)))
            {
                return to;
            }
        }

        return direction;
    }

    private static HashSet<(int X, int Y, int Direction)> Edges(ReadOnlySpan<byte> mask, int width, int height)
    {
        HashSet<(int X, int Y, int Direction)> edges = [];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                if (mask[(y * width) + x] == 0)
                {
                    continue;
                }

                if (y == 0 || mask[((y - 1) * width) + x] == 0)
                {
                    edges.Add((x, y, 0));
                }

                if (x == width - 1 || mask[(y * width) + x + 1] == 0)
                {
                    edges.Add((x + 1, y, 1));
                }

                if (y == height - 1 || mask[((y + 1) * width) + x] == 0)
                {
                    edges.Add((x + 1, y + 1, 2));
                }

                if (x == 0 || mask[(y * width) + x - 1] == 0)
                {
                    edges.Add((x, y + 1, 3));
                }
            }
        }

        return edges;
    }
}
