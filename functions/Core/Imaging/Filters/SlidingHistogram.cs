using System.Buffers;

namespace TumorFunctions.Core.Imaging.Filters;

/// <summary>
/// Medians of 16-bit levels by one histogram that slides along a row (Huang, Yang and Tang, IEEE Trans. ASSP 1979), with the sums of
/// groups of 256 levels beside it; the median's group is found from the one before it.
/// </summary>
internal static class SlidingHistogram
{
    private const int LevelCount = 65_536;
    private const int GroupShift = 8;

    public static void FilterRows(PaddedPlane<ushort> plane, int radius, int from, int to, ushort[] result, int width)
    {
        int side = (2 * radius) + 1;
        int half = side * side / 2;
        ushort[] histogram = ArrayPool<ushort>.Shared.Rent(LevelCount);
        Span<int> groups = stackalloc int[LevelCount >> GroupShift];
        for (int y = from; y < to; y++)
        {
            histogram.AsSpan(0, LevelCount).Clear();
            groups.Clear();
            (int group, int below) = (0, 0);
            for (int dy = -radius; dy <= radius; dy++)
            {
                foreach (ushort level in plane.Row(y + dy)[..(side - 1)])
                {
                    histogram[level]++;
                    groups[level >> GroupShift]++;
                }
            }

            for (int x = 0; x < width; x++)
            {
                for (int dy = -radius; dy <= radius; dy++)
                {
                    ushort level = plane.Row(y + dy)[x + side - 1];
                    histogram[level]++;
                    groups[level >> GroupShift]++;
                    below += level >> GroupShift < group ? 1 : 0;
                }

                while (below > half)
                    below -= groups[--group];
                while (below + groups[group] <= half)
                    below += groups[group++];
                result[(y * width) + x] = Median(histogram, group, half - below);

                for (int dy = -radius; dy <= radius; dy++)
                {
                    ushort level = plane.Row(y + dy)[x];
                    histogram[level]--;
                    groups[level >> GroupShift]--;
                    below -= level >> GroupShift < group ? 1 : 0;
                }
            }
        }

        ArrayPool<ushort>.Shared.Return(histogram);
    }

    private static ushort Median(ushort[] histogram, int group, int rank)
    {
        int level = group << GroupShift;
        for (int below = histogram[level]; below <= rank; below += histogram[level])
            level++;
        return (ushort)level;
    }
}
