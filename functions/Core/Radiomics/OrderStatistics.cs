using System.Buffers;
using System.Runtime.CompilerServices;

namespace TumorFunctions.Core.Radiomics;

/// <summary>
/// Values at given ranks without sorting everything: values are counted in equal buckets between the smallest and the largest,
/// and only buckets that hold a wanted rank are looked into, in the same way until they are small enough to sort.
/// </summary>
internal static class OrderStatistics
{
    private const int Buckets = 1024;
    private const int SmallEnough = 64;

    /// <summary>Percentiles with linear interpolation between ranks, at p/100 (n − 1) (numpy's default).</summary>
    /// <param name="values">Finite values, at least one.</param>
    /// <param name="percents">0 to 100, ascending.</param>
    public static void Percentiles(ReadOnlySpan<float> values, ReadOnlySpan<double> percents, Span<double> results)
    {
        Span<int> ranks = stackalloc int[2 * percents.Length];
        for (var p = 0; p < percents.Length; p++)
        {
            ranks[2 * p] = (int)(percents[p] / 100 * (values.Length - 1));
            ranks[(2 * p) + 1] = Math.Min(ranks[2 * p] + 1, values.Length - 1);
        }

        // The upper rank of one percentile may lie above the lower rank of the next.
        Span<int> sorted = stackalloc int[ranks.Length];
        ranks.CopyTo(sorted);
        sorted.Sort();
        Span<float> found = stackalloc float[ranks.Length];
        Select(values, sorted, found);
        for (var p = 0; p < percents.Length; p++)
        {
            double low = found[sorted.BinarySearch(ranks[2 * p])];
            double high = found[sorted.BinarySearch(ranks[(2 * p) + 1])];
            var fraction = (percents[p] / 100 * (values.Length - 1)) - ranks[2 * p];
            results[p] = low + (fraction * (high - low));
        }
    }

    /// <param name="ranks">0 for the smallest value; ascending.</param>
    /// <param name="found">Receives the value at each rank.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Select(ReadOnlySpan<float> values, ReadOnlySpan<int> ranks, Span<float> found)
    {
        if (values.Length <= SmallEnough)
        {
            Span<float> copy = stackalloc float[values.Length];
            values.CopyTo(copy);
            copy.Sort();
            for (var r = 0; r < ranks.Length; r++)
            {
                found[r] = copy[ranks[r]];
            }

            return;
        }

        var (minimum, maximum) = MinMax(values);
        if (minimum == maximum)
        {
            found.Fill(minimum);
            return;
        }

        // In double, since the range of floats may be larger than a float.
        var scale = Buckets / ((double)maximum - minimum);
        var bucketOf = ArrayPool<ushort>.Shared.Rent(values.Length);
        var counts = ArrayPool<int>.Shared.Rent(Buckets);
        counts.AsSpan(0, Buckets).Clear();
        for (var i = 0; i < values.Length; i++)
        {
            var bucket = (ushort)Math.Min((int)(((double)values[i] - minimum) * scale), Buckets - 1);
            bucketOf[i] = bucket;
            counts[bucket]++;
        }

        var before = 0;
        var next = 0;
        for (var bucket = 0; next < ranks.Length; before += counts[bucket], bucket++)
        {
            var last = next;
            while (last < ranks.Length && ranks[last] < before + counts[bucket])
            {
                last++;
            }

            if (last > next)
            {
                SelectWithin(values, bucketOf, (ushort)bucket, counts[bucket], before, ranks[next..last], found[next..last]);
                next = last;
            }
        }

        ArrayPool<ushort>.Shared.Return(bucketOf);
        ArrayPool<int>.Shared.Return(counts);
    }

    private static void SelectWithin(
        ReadOnlySpan<float> values, ReadOnlySpan<ushort> bucketOf, ushort bucket, int count, int before,
        ReadOnlySpan<int> ranks, Span<float> found)
    {
        var members = ArrayPool<float>.Shared.Rent(count);
        var next = 0;
        for (var at = 0; next < count; at++)
        {
            at += bucketOf[at..].IndexOf(bucket);
            members[next++] = values[at];
        }

        Span<int> within = stackalloc int[ranks.Length];
        for (var r = 0; r < ranks.Length; r++)
        {
            within[r] = ranks[r] - before;
        }

        Select(members.AsSpan(0, count), within, found);
        ArrayPool<float>.Shared.Return(members);
    }

    private static (float Minimum, float Maximum) MinMax(ReadOnlySpan<float> values)
    {
        var (minimum, maximum) = (values[0], values[0]);
        foreach (var value in values)
        {
            minimum = Math.Min(minimum, value);
            maximum = Math.Max(maximum, value);
        }

        return (minimum, maximum);
    }
}
