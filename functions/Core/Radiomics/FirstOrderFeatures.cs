using System.Numerics;
using System.Runtime.CompilerServices;

namespace TumorFunctions.Core.Radiomics;

/// <summary>Statistics of the values of a region (PyRadiomics' firstorder documentation; IBSI-1 sections 3.3 and 3.4).</summary>
internal static class FirstOrderFeatures
{
    public static readonly FeatureDefinition[] Definitions =
    [
        new("firstorder_Energy", "stat_energy"),
        new("firstorder_TotalEnergy", null),
        new("firstorder_Entropy", "ih_entropy"),
        new("firstorder_Minimum", "stat_min"),
        new("firstorder_10Percentile", "stat_p10"),
        new("firstorder_90Percentile", "stat_p90"),
        new("firstorder_Maximum", "stat_max"),
        new("firstorder_Mean", "stat_mean"),
        new("firstorder_Median", "stat_median"),
        new("firstorder_InterquartileRange", "stat_iqr"),
        new("firstorder_Range", "stat_range"),
        new("firstorder_MeanAbsoluteDeviation", "stat_mad"),
        new("firstorder_RobustMeanAbsoluteDeviation", "stat_rmad"),
        new("firstorder_RootMeanSquared", "stat_rms"),
        new("firstorder_Skewness", "stat_skew"),
        new("firstorder_Kurtosis", "stat_kurt"),
        new("firstorder_Variance", "stat_var"),
        new("firstorder_Uniformity", "ih_uniformity"),
        new(null, "stat_medad"),
        new(null, "stat_cov"),
        new(null, "stat_qcod"),
    ];

    /// <param name="region">A region of finite values.</param>
    /// <param name="histogram">Number of voxels by grey level; empty where the values could not be discretised.</param>
    /// <param name="excessKurtosis">Subtract 3 from the kurtosis (IBSI).</param>
    /// <returns>A value for each of <see cref="Definitions"/>; NaN where it is not defined.</returns>
    public static double[] Compute(
        Region region, double minimum, double maximum, ReadOnlySpan<int> histogram, bool excessKurtosis)
    {
        var values = region.Values;
        double n = values.Length;
        Span<double> p = stackalloc double[5];
        OrderStatistics.Percentiles(values, [10, 25, 50, 75, 90], p);
        var (sum, energy) = Sums(values);
        var mean = sum / n;
        var moments = CentralMoments(values, mean, p[2]);
        var variance = moments.Second / n;
        // The sum of deviations is rounding alone where all values are equal.
        var flat = minimum == maximum;
        var (entropy, uniformity) = FromHistogram(histogram, n);
        return
        [
            energy,
            energy * region.Spacing.VoxelVolume,
            entropy,
            minimum,
            p[0],
            p[4],
            maximum,
            mean,
            p[2],
            p[3] - p[1],
            maximum - minimum,
            moments.Absolute / n,
            RobustDeviation(values, p[0], p[4]),
            Math.Sqrt(energy / n),
            flat ? 0 : moments.Third / n / Math.Pow(variance, 1.5),
            flat ? 0 : (moments.Fourth / n / (variance * variance)) - (excessKurtosis ? 3 : 0),
            flat ? 0 : variance,
            uniformity,
            moments.FromMedian / n,
            mean == 0 ? double.NaN : (flat ? 0 : Math.Sqrt(variance)) / mean,
            p[3] + p[1] == 0 ? double.NaN : (p[3] - p[1]) / (p[3] + p[1]),
        ];
    }

    private static (double Entropy, double Uniformity) FromHistogram(ReadOnlySpan<int> histogram, double n)
    {
        if (histogram.IsEmpty)
        {
            return (double.NaN, double.NaN);
        }

        double terms = 0, squares = 0;
        foreach (var count in histogram)
        {
            terms += Entropy.Term(count);
            squares += (double)count * count;
        }

        return (Entropy.FromTerms(terms, n), squares / (n * n));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (double Sum, double Squares) Sums(ReadOnlySpan<float> values)
    {
        var (sum, squares) = (Vector<double>.Zero, Vector<double>.Zero);
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(values[i..]), out var a, out var b);
            sum += a + b;
            squares += (a * a) + (b * b);
        }

        var (s, q) = (Vector.Sum(sum), Vector.Sum(squares));
        for (; i < values.Length; i++)
        {
            double v = values[i];
            s += v;
            q += v * v;
        }

        return (s, q);
    }

    /// <summary>Sums of |x − mean|, its powers and |x − median|.</summary>
    private static Moments CentralMoments(ReadOnlySpan<float> values, double mean, double median)
    {
        var (centre, middle) = (new Vector<double>(mean), new Vector<double>(median));
        Vector<double> absolute = default, second = default, third = default, fourth = default, fromMedian = default;
        var i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.Widen(new Vector<float>(values[i..]), out var low, out var high);
            Accumulate(low);
            Accumulate(high);
        }

        Span<double> rest = stackalloc double[Vector<double>.Count];
        for (; i < values.Length; i += rest.Length)
        {
            // Lanes beyond the end hold the mean, so that they add nothing; what they add to the median's sum is taken back.
            var count = Math.Min(rest.Length, values.Length - i);
            rest.Fill(mean);
            for (var lane = 0; lane < count; lane++)
            {
                rest[lane] = values[i + lane];
            }

            Accumulate(new Vector<double>(rest));
            fromMedian -= Vector.WithElement(
                Vector<double>.Zero, 0, (rest.Length - count) * Math.Abs(mean - median));
        }

        return new Moments(
            Vector.Sum(absolute), Vector.Sum(second), Vector.Sum(third), Vector.Sum(fourth), Vector.Sum(fromMedian));

        void Accumulate(Vector<double> x)
        {
            var d = x - centre;
            var square = d * d;
            absolute += Vector.Abs(d);
            second += square;
            third += square * d;
            fourth += square * square;
            fromMedian += Vector.Abs(x - middle);
        }
    }

    /// <summary>
    /// Mean absolute deviation of the values from the 10th to the 90th percentile, both included, from their own mean.
    /// </summary>
    private static double RobustDeviation(ReadOnlySpan<float> values, double p10, double p90)
    {
        double sum = 0;
        var count = 0;
        foreach (var value in values)
        {
            var inside = value >= p10 & value <= p90;
            sum += inside ? value : 0;
            count += inside ? 1 : 0;
        }

        var mean = sum / count;
        var deviation = 0.0;
        foreach (var value in values)
        {
            deviation += value >= p10 & value <= p90 ? Math.Abs(value - mean) : 0;
        }

        return deviation / count;
    }

    private readonly record struct Moments(double Absolute, double Second, double Third, double Fourth, double FromMedian);
}
