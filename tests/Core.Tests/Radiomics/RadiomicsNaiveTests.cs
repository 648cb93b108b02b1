using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Radiomics;

namespace TumorFunctions.Core.Tests.Radiomics;

/// <summary>The extractor beside a naive implementation on random regions.</summary>
public class RadiomicsNaiveTests
{
    private static readonly VoxelSpacing Spacing = new(0.8, 0.9, 2.5);

    [Theory]
    [InlineData(1, 12, 9, 7, 0.1)]
    [InlineData(2, 40, 5, 3, 0.3)]
    [InlineData(3, 5, 30, 4, 0.6)]
    [InlineData(4, 9, 9, 9, 0.93)]
    [InlineData(5, 17, 16, 1, 0.1)]
    [InlineData(6, 33, 20, 1, 0.5)]
    [InlineData(7, 3, 3, 2, 0.0)]
    [InlineData(8, 20, 1, 6, 0.2)]
    [InlineData(9, 1, 14, 11, 0.4)]
    public void Every_feature_equals_the_naive_one(int seed, int width, int height, int depth, double holes)
    {
        var (volume, mask) = RadiomicsData.Random(seed, width, height, depth, holes: holes);
        AssertEqual(Naive(volume, mask, new()), RadiomicsExtractor.Extract(volume, mask, Spacing));
    }

    [Theory]
    [InlineData(3.0)]
    [InlineData(0.5)]
    [InlineData(0.1)]
    public void So_it_is_with_many_grey_levels(double binWidth)
    {
        var (volume, mask) = RadiomicsData.Random(11, 8, 7, 5);
        var options = new RadiomicsOptions { BinWidth = binWidth };
        AssertEqual(Naive(volume, mask, options), RadiomicsExtractor.Extract(volume, mask, Spacing, options));
    }

    [Theory]
    [InlineData(true, TextureAggregation.Averaged)]
    [InlineData(true, TextureAggregation.Merged)]
    [InlineData(false, TextureAggregation.Merged)]
    public void So_it_is_within_slices_and_merged(bool force2D, TextureAggregation aggregation)
    {
        foreach (var binWidth in new[] { 25, 0.2 })
        {
            var (volume, mask) = RadiomicsData.Random(12, 8, 9, 5, holes: 0.3);
            var options = new RadiomicsOptions { BinWidth = binWidth, Force2D = force2D, Aggregation = aggregation };
            AssertEqual(Naive(volume, mask, options), RadiomicsExtractor.Extract(volume, mask, Spacing, options));
        }
    }

    [Fact]
    public void So_it_is_with_a_bin_count()
    {
        var (volume, mask) = RadiomicsData.Random(13, 11, 13, 5);
        var options = new RadiomicsOptions { BinCount = 16 };
        var result = RadiomicsExtractor.Extract(volume, mask, Spacing, options);
        AssertEqual(Naive(volume, mask, options), result);
        Assert.Equal(16, result.GreyLevels);
    }

    [Fact]
    public void So_it_is_for_a_region_that_is_spread_over_all_cores()
    {
        var (volume, mask) = RadiomicsData.Random(14, 44, 42, 36, holes: 0.05);
        var result = RadiomicsExtractor.Extract(volume, mask, Spacing);
        Assert.True(result.VoxelCount > 1 << 15);
        AssertEqual(Naive(volume, mask, new()), result);
        Assert.Equal(result.Features, RadiomicsExtractor.Extract(volume, mask, Spacing).Features);
    }

    [Fact]
    public void Zones_larger_than_any_table_are_counted_one_by_one()
    {
        // Six levels in slabs: a few zones of hundreds of voxels beside single ones.
        var (_, mask) = RadiomicsData.Random(15, 20, 18, 12, holes: 0);
        var values = Enumerable.Range(0, mask.Voxels.Length).Select(i => i % 97 == 0 ? 1000f + (i % 3 * 25) : i / 1440 * 25f);
        var volume = RadiomicsData.ToVolume([.. values], 20, 18, 12);
        AssertEqual(Naive(volume, mask, new()), RadiomicsExtractor.Extract(volume, mask, Spacing));
    }

    [Fact]
    public void Axes_equal_those_of_the_covariance_of_the_voxel_centres()
    {
        var (volume, mask) = RadiomicsData.Random(16, 15, 11, 8, holes: 0.2);
        var result = RadiomicsExtractor.Extract(volume, mask, Spacing);
        var points = new NaiveMatrices(volume, mask, (_, _) => 1, false).Voxels
            .Select(p => new[] { p.X * Spacing.X, p.Y * Spacing.Y, p.Z * Spacing.Z }).ToArray();
        var mean = Enumerable.Range(0, 3).Select(a => points.Average(p => p[a])).ToArray();
        double Covariance(int a, int b) => points.Average(p => (p[a] - mean[a]) * (p[b] - mean[b]));
        var (major, minor, least) = (Squared("Major"), Squared("Minor"), Squared("Least"));

        // The characteristic polynomial of the covariance matrix, coefficient by coefficient.
        Assert.Equal(Covariance(0, 0) + Covariance(1, 1) + Covariance(2, 2), major + minor + least, 9);
        var minors = new[] { (0, 1), (0, 2), (1, 2) }.Sum(
            m => (Covariance(m.Item1, m.Item1) * Covariance(m.Item2, m.Item2)) - Math.Pow(Covariance(m.Item1, m.Item2), 2));
        Assert.Equal(minors, (major * minor) + (major * least) + (minor * least), 7);
        Assert.True(major >= minor && minor >= least && least > 0);
        Assert.Equal(Math.Sqrt(minor / major), result["shape_Elongation"].Value!.Value, 12);
        Assert.Equal(Math.Sqrt(least / major), result["shape_Flatness"].Value!.Value, 12);

        double Squared(string axis) => Math.Pow(result[$"shape_{axis}AxisLength"].Value!.Value / 4, 2);
    }

    /// <summary>All texture and first-order features in PyRadiomics' convention.</summary>
    private static Dictionary<string, double> Naive(Volume volume, Mask mask, RadiomicsOptions options)
    {
        var inside = volume.Voxels.Where((_, i) => mask.Voxels[i] != 0).ToArray();
        double range = (double)inside.Max() - inside.Min();
        var matrices = new NaiveMatrices(
            volume,
            mask,
            (x, minimum) => options.BinCount is { } count
                ? Math.Min((int)(count * ((x - minimum) / range)) + 1, count)
                : (int)(Math.Floor(x / options.BinWidth) - Math.Floor(minimum / options.BinWidth)) + 1,
            options.Force2D);
        var highest = options.BinCount ?? matrices.Highest;
        var pairs = matrices.Directions.Select(matrices.Cooccurrence).Where(m => m.Count > 0).ToArray();
        var runs = matrices.Directions.Select(matrices.RunLength).Where(m => m.Count > 0).ToArray();
        if (options.Aggregation == TextureAggregation.Merged)
        {
            (pairs, runs) = ([Merge(pairs)], [Merge(runs)]);
        }

        Dictionary<string, double>[] classes =
        [
            NaiveFeatures.FirstOrder(matrices.Values, matrices.Probabilities, Spacing.VoxelVolume),
            NaiveFeatures.Mean([.. pairs.Select(m => NaiveFeatures.Cooccurrence(m, highest, matrices.LevelsPresent))]),
            NaiveFeatures.Mean([.. runs.Select(m => NaiveFeatures.LevelSize("glrlm", m))]),
            NaiveFeatures.LevelSize("glszm", matrices.SizeZone()),
            NaiveFeatures.LevelSize("gldm", matrices.Dependence()),
            NaiveFeatures.ToneDifference(matrices.ToneDifference(excludeIsolated: false)),
        ];
        return classes.SelectMany(c => c).ToDictionary(f => f.Key, f => f.Value);
    }

    private static Dictionary<(int I, int J), double> Merge(Dictionary<(int I, int J), double>[] matrices) =>
        matrices.SelectMany(m => m).GroupBy(c => c.Key).ToDictionary(g => g.Key, g => g.Sum(c => c.Value));

    private static void AssertEqual(Dictionary<string, double> expected, RadiomicsResult actual)
    {
        Assert.Equal(18 + 24 + 16 + 16 + 14 + 5, expected.Count);
        var shape = actual.Features.Count(f => f.Name.StartsWith("shape", StringComparison.Ordinal));
        Assert.Equal(expected.Count, actual.Features.Count - shape);
        foreach (var (name, value) in expected)
        {
            var feature = actual[name];
            // Where nearly equal numbers cancel, or a root is taken of what is left, the naive formula itself has fewer digits.
            var floor = name switch
            {
                "glcm_MCC" or "glcm_Imc2" => 1e-7,
                "glcm_Imc1" or "glcm_Correlation" or "firstorder_Skewness" => 1e-9,
                "glcm_ClusterShade" => 1e-9 * Math.Abs(expected["glcm_ClusterProminence"]),
                _ => 1e-12,
            };
            Assert.True(
                Math.Abs(feature.Value!.Value - value) <= Math.Max(floor, 1e-9 * Math.Abs(value)),
                $"{name}: {feature.Value:R} instead of {value:R}");
        }
    }
}
