namespace TumorFunctions.Core.Tests.Radiomics;

/// <summary>Features of texture matrices and values, each by its own formula from PyRadiomics' documentation.</summary>
internal static class NaiveFeatures
{
    public static Dictionary<string, double> FirstOrder(double[] x, IEnumerable<double> probabilities, double voxelVolume)
    {
        var p = probabilities.ToArray();
        var sorted = x.Order().ToArray();
        var mean = x.Average();
        double Moment(int n) => x.Average(v => Math.Pow(v - mean, n));
        var (p10, p90) = (Percentile(sorted, 10), Percentile(sorted, 90));
        var robust = x.Where(v => v >= p10 && v <= p90).ToArray();
        var flat = sorted[0] == sorted[^1];
        return new()
        {
            ["firstorder_Energy"] = x.Sum(v => v * v),
            ["firstorder_TotalEnergy"] = voxelVolume * x.Sum(v => v * v),
            ["firstorder_Entropy"] = -p.Sum(q => q * Math.Log2(q)),
            ["firstorder_Minimum"] = sorted[0],
            ["firstorder_10Percentile"] = p10,
            ["firstorder_90Percentile"] = p90,
            ["firstorder_Maximum"] = sorted[^1],
            ["firstorder_Mean"] = mean,
            ["firstorder_Median"] = Percentile(sorted, 50),
            ["firstorder_InterquartileRange"] = Percentile(sorted, 75) - Percentile(sorted, 25),
            ["firstorder_Range"] = sorted[^1] - sorted[0],
            ["firstorder_MeanAbsoluteDeviation"] = x.Average(v => Math.Abs(v - mean)),
            ["firstorder_RobustMeanAbsoluteDeviation"] = robust.Average(v => Math.Abs(v - robust.Average())),
            ["firstorder_RootMeanSquared"] = Math.Sqrt(x.Average(v => v * v)),
            ["firstorder_Skewness"] = flat ? 0 : Moment(3) / Math.Pow(Moment(2), 1.5),
            ["firstorder_Kurtosis"] = flat ? 0 : Moment(4) / Math.Pow(Moment(2), 2),
            ["firstorder_Variance"] = Moment(2),
            ["firstorder_Uniformity"] = p.Sum(q => q * q),
        };
    }

    public static Dictionary<string, double> Cooccurrence(
        Dictionary<(int I, int J), double> counts, int highest, int levelsPresent)
    {
        var total = counts.Values.Sum();
        var p = counts.ToDictionary(c => c.Key, c => c.Value / total);
        var marginal = p.GroupBy(c => c.Key.I).ToDictionary(g => g.Key, g => g.Sum(c => c.Value));
        double Sum(Func<double, double, double> f) => p.Sum(c => c.Value * f(c.Key.I, c.Key.J));
        var mean = Sum((i, _) => i);
        var variance = Sum((i, _) => (i - mean) * (i - mean));
        var difference = p.GroupBy(c => Math.Abs(c.Key.I - c.Key.J)).ToDictionary(g => (double)g.Key, g => g.Sum(c => c.Value));
        var sum = p.GroupBy(c => c.Key.I + c.Key.J).ToDictionary(g => (double)g.Key, g => g.Sum(c => c.Value));
        var differenceAverage = difference.Sum(k => k.Key * k.Value);
        static double Entropy(IEnumerable<double> q) => -q.Where(v => v > 0).Sum(v => v * Math.Log2(v));
        var (hx, hxy) = (Entropy(marginal.Values), Entropy(p.Values));
        var hxy1 = -p.Sum(c => c.Value * Math.Log2(marginal[c.Key.I] * marginal[c.Key.J]));
        var hxy2 = Entropy(from a in marginal.Values from b in marginal.Values select a * b);
        double n = highest;
        return new()
        {
            ["glcm_Autocorrelation"] = Sum((i, j) => i * j),
            ["glcm_JointAverage"] = mean,
            ["glcm_ClusterProminence"] = Sum((i, j) => Math.Pow(i + j - (2 * mean), 4)),
            ["glcm_ClusterShade"] = Sum((i, j) => Math.Pow(i + j - (2 * mean), 3)),
            ["glcm_ClusterTendency"] = Sum((i, j) => Math.Pow(i + j - (2 * mean), 2)),
            ["glcm_Contrast"] = Sum((i, j) => (i - j) * (i - j)),
            ["glcm_Correlation"] = marginal.Count == 1 ? 1 : (Sum((i, j) => i * j) - (mean * mean)) / variance,
            ["glcm_DifferenceAverage"] = differenceAverage,
            ["glcm_DifferenceEntropy"] = Entropy(difference.Values),
            ["glcm_DifferenceVariance"] = difference.Sum(k => Math.Pow(k.Key - differenceAverage, 2) * k.Value),
            ["glcm_JointEnergy"] = p.Values.Sum(v => v * v),
            ["glcm_JointEntropy"] = hxy,
            ["glcm_Imc1"] = hx == 0 ? 0 : (hxy - hxy1) / hx,
            ["glcm_Imc2"] = Math.Sqrt(Math.Max(0, 1 - Math.Exp(-2 * (hxy2 - hxy)))),
            ["glcm_Idm"] = difference.Sum(k => k.Value / (1 + (k.Key * k.Key))),
            ["glcm_MCC"] = MaximalCorrelation(p, marginal, levelsPresent),
            ["glcm_Idmn"] = difference.Sum(k => k.Value / (1 + (k.Key * k.Key / (n * n)))),
            ["glcm_Id"] = difference.Sum(k => k.Value / (1 + k.Key)),
            ["glcm_Idn"] = difference.Sum(k => k.Value / (1 + (k.Key / n))),
            ["glcm_InverseVariance"] = difference.Where(k => k.Key > 0).Sum(k => k.Value / (k.Key * k.Key)),
            ["glcm_MaximumProbability"] = p.Values.Max(),
            ["glcm_SumAverage"] = sum.Sum(k => k.Key * k.Value),
            ["glcm_SumEntropy"] = Entropy(sum.Values),
            ["glcm_SumSquares"] = variance,
        };
    }

    /// <summary>The family of features that GLRLM, GLSZM and GLDM share, under their PyRadiomics names.</summary>
    public static Dictionary<string, double> LevelSize(string prefix, Dictionary<(int I, int J), double> counts)
    {
        var n = counts.Values.Sum();
        double Sum(Func<double, double, double> f) => counts.Sum(c => c.Value * f(c.Key.I, c.Key.J)) / n;
        var levels = counts.GroupBy(c => c.Key.I).Select(g => g.Sum(c => c.Value)).ToArray();
        var sizes = counts.GroupBy(c => c.Key.J).Select(g => g.Sum(c => c.Value)).ToArray();
        var (meanLevel, meanSize) = (Sum((i, _) => i), Sum((_, j) => j));
        var (small, large, size, low, noun) = prefix switch
        {
            "glrlm" => ("ShortRun", "LongRun", "RunLength", "GrayLevelRunEmphasis", "Run"),
            "glszm" => ("SmallArea", "LargeArea", "SizeZone", "GrayLevelZoneEmphasis", "Zone"),
            _ => ("SmallDependence", "LargeDependence", "Dependence", "GrayLevelEmphasis", "Dependence"),
        };
        var all = new Dictionary<string, double>
        {
            [$"{small}Emphasis"] = Sum((_, j) => 1 / (j * j)),
            [$"{large}Emphasis"] = Sum((_, j) => j * j),
            ["GrayLevelNonUniformity"] = levels.Sum(v => v * v) / n,
            [$"{size}NonUniformity"] = sizes.Sum(v => v * v) / n,
            [$"{size}NonUniformityNormalized"] = sizes.Sum(v => v * v) / n / n,
            ["GrayLevelVariance"] = Sum((i, _) => (i - meanLevel) * (i - meanLevel)),
            [$"{noun}Variance"] = Sum((_, j) => (j - meanSize) * (j - meanSize)),
            [$"{noun}Entropy"] = -counts.Values.Sum(c => c / n * Math.Log2(c / n)),
            [$"Low{low}"] = Sum((i, _) => 1 / (i * i)),
            [$"High{low}"] = Sum((i, _) => i * i),
            [$"{small}LowGrayLevelEmphasis"] = Sum((i, j) => 1 / (i * i * j * j)),
            [$"{small}HighGrayLevelEmphasis"] = Sum((i, j) => i * i / (j * j)),
            [$"{large}LowGrayLevelEmphasis"] = Sum((i, j) => j * j / (i * i)),
            [$"{large}HighGrayLevelEmphasis"] = Sum((i, j) => i * i * j * j),
        };
        if (prefix != "gldm")
        {
            all["GrayLevelNonUniformityNormalized"] = levels.Sum(v => v * v) / n / n;
            all[$"{noun}Percentage"] = n / counts.Sum(c => c.Value * c.Key.J);
        }

        return all.ToDictionary(f => $"{prefix}_{f.Key}", f => f.Value);
    }

    public static Dictionary<string, double> ToneDifference(Dictionary<int, (double Count, double Difference)> rows)
    {
        var n = rows.Values.Sum(r => r.Count);
        var tones = rows.Select(r => (I: (double)r.Key, P: r.Value.Count / n, S: r.Value.Difference)).ToArray();
        double Pairs(Func<(double I, double P, double S), (double I, double P, double S), double> f) =>
            tones.Sum(a => tones.Sum(b => f(a, b)));
        var coarse = tones.Sum(t => t.P * t.S);
        var difference = tones.Sum(t => t.S);
        double levels = tones.Length;
        var busy = Pairs((a, b) => Math.Abs((a.I * a.P) - (b.I * b.P)));
        return new()
        {
            ["ngtdm_Coarseness"] = coarse == 0 ? 1e6 : 1 / coarse,
            ["ngtdm_Contrast"] = levels == 1
                ? 0
                : Pairs((a, b) => a.P * b.P * (a.I - b.I) * (a.I - b.I)) * difference / n / (levels * (levels - 1)),
            ["ngtdm_Busyness"] = busy == 0 ? 0 : coarse / busy,
            ["ngtdm_Complexity"] = Pairs((a, b) => Math.Abs(a.I - b.I) * ((a.P * a.S) + (b.P * b.S)) / (a.P + b.P)) / n,
            ["ngtdm_Strength"] = difference == 0 ? 0 : Pairs((a, b) => (a.P + b.P) * (a.I - b.I) * (a.I - b.I)) / difference,
        };
    }

    public static Dictionary<string, double> Mean(IReadOnlyCollection<Dictionary<string, double>> parts) =>
        parts.First().Keys.ToDictionary(k => k, k => parts.Average(p => p[k]));

    private static double Percentile(double[] sorted, double percent)
    {
        var at = percent / 100 * (sorted.Length - 1);
        var low = (int)at;
        return low + 1 == sorted.Length ? sorted[low] : sorted[low] + ((at - low) * (sorted[low + 1] - sorted[low]));
    }

    /// <summary>Second eigenvalue of Q by the power method on what is left of Q without its first eigenvector.</summary>
    private static double MaximalCorrelation(
        Dictionary<(int I, int J), double> p, Dictionary<int, double> marginal, int levelsPresent)
    {
        if (levelsPresent == 1 || marginal.Count == 1)
        {
            return levelsPresent == 1 ? 1 : 0;
        }

        // With the marginals' square roots Q becomes S², S symmetric: applying S twice is applying Q.
        var levels = marginal.Keys.Order().ToArray();
        var n = levels.Length;
        var s = new double[n][];
        for (var a = 0; a < n; a++)
        {
            s[a] = [.. levels.Select(b => (p.GetValueOrDefault((levels[a], b)) / Math.Sqrt(marginal[levels[a]] * marginal[b]))
                - Math.Sqrt(marginal[levels[a]] * marginal[b]))];
        }

        double[] Apply(double[] x) => [.. s.Select(row => row.Zip(x, (u, w) => u * w).Sum())];
        var random = new Random(5);
        var v = Enumerable.Range(0, n).Select(_ => random.NextDouble() - 0.5).ToArray();
        var eigenvalue = 0.0;
        for (var iteration = 0; iteration < 3000; iteration++)
        {
            var image = Apply(Apply(v));
            var norm = Math.Sqrt(image.Sum(x => x * x));
            var converged = norm < 1e-14 || Math.Abs(norm - eigenvalue) < 1e-15;
            eigenvalue = norm;
            if (converged)
            {
                break;
            }

            v = [.. image.Select(x => x / norm)];
        }

        return Math.Sqrt(eigenvalue);
    }
}
