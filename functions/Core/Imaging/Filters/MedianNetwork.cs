using System.Numerics;

namespace TumorFunctions.Core.Imaging.Filters;

/// <summary>
/// Medians of small windows by forgetful selection (McGuire, "A fast, small-radius GPU median filter", ShaderX6 2008): of n values
/// hold ⌊n/2⌋ + 2; neither their minimum nor their maximum can be the median, so drop both, take in the next value, and go on until
/// one is left. Made of minima and maxima alone, it works on a vector of windows at a time.
/// </summary>
internal static class MedianNetwork
{
    public const int MaxRadius = 2;

    public static void FilterRows(PaddedPlane<ushort> plane, int radius, int from, int to, ushort[] result, int width)
    {
        int side = (2 * radius) + 1;
        Span<Vector<ushort>> window = stackalloc Vector<ushort>[((2 * MaxRadius) + 1) * ((2 * MaxRadius) + 1)];
        window = window[..(side * side)];
        Span<ushort> last = stackalloc ushort[Vector<ushort>.Count];
        for (int y = from; y < to; y++)
        {
            Span<ushort> row = result.AsSpan(y * width, width);
            for (int x = 0; x < width; x += Vector<ushort>.Count)
            {
                for (int dy = 0; dy < side; dy++)
                {
                    ReadOnlySpan<ushort> source = plane.Row(y + dy - radius)[x..];
                    for (int dx = 0; dx < side; dx++)
                        window[(dy * side) + dx] = new Vector<ushort>(source[dx..]);
                }

                Vector<ushort> median = Select(window);
                if (x + Vector<ushort>.Count <= width)
                {
                    median.CopyTo(row[x..]);
                }
                else
                {
                    median.CopyTo(last);
                    last[..(width - x)].CopyTo(row[x..]);
                }
            }
        }
    }

    /// <summary>The median of an odd number of values, which are overwritten.</summary>
    private static Vector<ushort> Select(Span<Vector<ushort>> values)
    {
        int next = (values.Length / 2) + 2;
        (int first, int end) = (0, next);
        while (true)
        {
            MoveExtremesOut(values[first..end]);
            first++;
            end--;
            if (next == values.Length)
                return values[first];
            values[end++] = values[next++];
        }
    }

    /// <summary>Puts the minimum first and the maximum last.</summary>
    private static void MoveExtremesOut(Span<Vector<ushort>> values)
    {
        for (int i = 0; i < values.Length / 2; i++)
            Exchange(ref values[i], ref values[^(i + 1)]);
        int half = (values.Length + 1) / 2;
        for (int i = 1; i < half; i++)
        {
            Exchange(ref values[0], ref values[i]);
            Exchange(ref values[^(i + 1)], ref values[^1]);
        }
    }

    private static void Exchange(ref Vector<ushort> low, ref Vector<ushort> high) =>
        (low, high) = (Vector.Min(low, high), Vector.Max(low, high));
}
