using System.Buffers;
using System.Numerics;

namespace TumorFunctions.Core.Imaging.Filters;

/// <summary>
/// Medians of 8-bit levels in a time that does not depend on the window (Perreault and Hébert, IEEE Trans. Image Processing 2007): a
/// histogram a column slides down with the rows, and the window's histogram gains one column's and loses another's at every step.
/// </summary>
internal static class ColumnHistograms
{
    private const int LevelCount = 256;
    private const int GroupSize = 16;

    // The sums of groups of levels follow the levels.
    private const int Length = LevelCount + (LevelCount / GroupSize);

    public static void FilterRows(PaddedPlane<ushort> plane, int radius, int from, int to, ushort[] result, int width)
    {
        int columns = width + (2 * radius);
        ushort[] histograms = ArrayPool<ushort>.Shared.Rent(columns * Length);
        histograms.AsSpan(0, columns * Length).Clear();
        for (int y = from - radius; y < from + radius; y++)
            Count(plane.Row(y)[..columns], histograms, 1);

        int half = ((2 * radius) + 1) * ((2 * radius) + 1) / 2;
        Span<ushort> window = stackalloc ushort[Length];
        for (int y = from; y < to; y++)
        {
            Count(plane.Row(y + radius)[..columns], histograms, 1);
            window.Clear();
            for (int x = 0; x < 2 * radius; x++)
                Add(window, Column(histograms, x));
            for (int x = 0; x < width; x++)
            {
                Add(window, Column(histograms, x + (2 * radius)));
                result[(y * width) + x] = Median(window, half);
                Subtract(window, Column(histograms, x));
            }

            Count(plane.Row(y - radius)[..columns], histograms, -1);
        }

        ArrayPool<ushort>.Shared.Return(histograms);
    }

    private static ReadOnlySpan<ushort> Column(ushort[] histograms, int x) => histograms.AsSpan(x * Length, Length);

    private static void Count(ReadOnlySpan<ushort> row, ushort[] histograms, int change)
    {
        for (int x = 0; x < row.Length; x++)
        {
            Span<ushort> column = histograms.AsSpan(x * Length, Length);
            column[row[x]] = (ushort)(column[row[x]] + change);
            ref ushort group = ref column[LevelCount + (row[x] / GroupSize)];
            group = (ushort)(group + change);
        }
    }

    private static void Add(Span<ushort> window, ReadOnlySpan<ushort> column)
    {
        for (int i = 0; i < Length; i += Vector<ushort>.Count)
            (new Vector<ushort>(window[i..]) + new Vector<ushort>(column[i..])).CopyTo(window[i..]);
    }

    private static void Subtract(Span<ushort> window, ReadOnlySpan<ushort> column)
    {
        for (int i = 0; i < Length; i += Vector<ushort>.Count)
            (new Vector<ushort>(window[i..]) - new Vector<ushort>(column[i..])).CopyTo(window[i..]);
    }

    /// <summary>The level below which no more than <paramref name="half"/> values lie.</summary>
    private static ushort Median(ReadOnlySpan<ushort> window, int half)
    {
        int below = 0, group = 0;
        while (below + window[LevelCount + group] <= half)
            below += window[LevelCount + group++];
        int level = group * GroupSize;
        while (below + window[level] <= half)
            below += window[level++];
        return (ushort)level;
    }
}
