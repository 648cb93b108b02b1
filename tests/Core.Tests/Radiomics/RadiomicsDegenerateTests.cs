using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Radiomics;

namespace TumorFunctions.Core.Tests.Radiomics;

/// <summary>Regions too small, too flat or too strange for some features, and requests that are refused.</summary>
public class RadiomicsDegenerateTests
{
    private static readonly VoxelSpacing Spacing = new(1, 1, 3);

    public static TheoryData<string, RadiomicsConvention, bool> Regions()
    {
        var data = new TheoryData<string, RadiomicsConvention, bool>();
        foreach (var region in new[]
        {
            "empty", "voxel", "line x", "line y", "line z", "diagonal", "flat", "two far apart", "checkerboard",
            "corner to corner", "full", "huge values", "tiny values", "two levels",
        })
        {
            data.Add(region, RadiomicsConvention.PyRadiomics, false);
            data.Add(region, RadiomicsConvention.Ibsi, true);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Regions))]
    public void Every_feature_has_a_finite_value_or_a_reason(string region, RadiomicsConvention convention, bool force2D)
    {
        var (volume, mask) = Make(region);
        foreach (var aggregation in Enum.GetValues<TextureAggregation>())
        {
            foreach (int? bins in new int?[] { null, 8 })
            {
                var result = RadiomicsExtractor.Extract(volume, mask, Spacing, new RadiomicsOptions
                {
                    Convention = convention,
                    Force2D = force2D,
                    Aggregation = aggregation,
                    BinCount = bins,
                });
                Assert.Equal(mask.Voxels.Count(v => v != 0), result.VoxelCount);
                Assert.All(result.Features, f =>
                {
                    Assert.Equal(f.Value is null, f.Reason is not null);
                    Assert.True(f.Value is not { } v || double.IsFinite(v), $"{f.Name} is {f.Value}");
                });
                Assert.All(result.ReferenceNames.Values, v => Assert.True(v is null || double.IsFinite(v.Value)));
            }
        }
    }

    [Fact]
    public void An_empty_mask_says_so_in_every_feature()
    {
        var (volume, mask) = Make("empty");
        var result = RadiomicsExtractor.Extract(volume, mask, Spacing);
        Assert.Equal(14 + 9 + 18 + 24 + 16 + 16 + 14 + 5, result.Features.Count);
        Assert.All(result.Features, f => Assert.Equal((null, "The mask is empty."), (f.Value, f.Reason)));
        Assert.All(result.ReferenceNames.Values, Assert.Null);
    }

    [Fact]
    public void A_single_voxel_has_a_size_and_a_value_but_no_neighbours()
    {
        var (volume, mask) = Make("voxel");
        var result = RadiomicsExtractor.Extract(volume, mask, Spacing);
        Assert.Equal(3, result["shape_VoxelVolume"].Value);
        Assert.Equal(0.5, result["shape_MeshVolume"].Value!.Value, 12);
        Assert.Equal(3, result["shape_Maximum3DDiameter"].Value);
        Assert.Equal(0, result["firstorder_Variance"].Value);
        Assert.Equal(1, result["glszm_ZonePercentage"].Value);
        Assert.Null(result["shape_Elongation"].Value);
        Assert.Contains("neighbours", result["glcm_Contrast"].Reason, StringComparison.Ordinal);
        Assert.Contains("two voxels", result["glrlm_ShortRunEmphasis"].Reason, StringComparison.Ordinal);
        var ibsi = RadiomicsExtractor.Extract(
            volume, mask, Spacing, new RadiomicsOptions { Convention = RadiomicsConvention.Ibsi });
        Assert.Contains("neighbour", ibsi["ngt_contrast_2D"].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flat_region_has_the_values_that_PyRadiomics_lays_down()
    {
        var (volume, mask) = Make("flat");
        var result = RadiomicsExtractor.Extract(volume, mask, Spacing);
        foreach (var (name, value) in new[]
        {
            ("firstorder_Skewness", 0.0), ("firstorder_Kurtosis", 0), ("firstorder_Entropy", 0), ("firstorder_Uniformity", 1),
            ("glcm_Correlation", 1), ("glcm_MCC", 1), ("glcm_Imc1", 0), ("glcm_Imc2", 0), ("glcm_JointEntropy", 0),
            ("glcm_Contrast", 0), ("ngtdm_Coarseness", 1e6), ("ngtdm_Contrast", 0), ("ngtdm_Busyness", 0),
            ("ngtdm_Strength", 0), ("glszm_ZoneEntropy", 0),
        })
        {
            Assert.Equal(value, result[name].Value);
        }

        Assert.Equal(1, result.GreyLevels);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_region_with_a_value_that_is_no_number_keeps_its_shape_alone(float value)
    {
        foreach (var at in new[] { 13, 40 })
        {
            var (volume, mask) = Make("full");
            volume.Voxels[at] = value;
            var result = RadiomicsExtractor.Extract(volume, mask, Spacing);
            Assert.All(result.Features, f => Assert.Equal(
                f.Name.StartsWith("shape_", StringComparison.Ordinal), f.Value is not null));
            Assert.Contains("NaN", result["firstorder_Mean"].Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Values_outside_the_region_do_not_matter_even_if_they_are_no_numbers()
    {
        var (volume, mask) = RadiomicsData.Random(41, 10, 9, 5, holes: 0.3);
        var expected = RadiomicsExtractor.Extract(volume, mask, Spacing).Features;
        for (var i = 0; i < mask.Voxels.Length; i++)
        {
            volume.Voxels[i] = mask.Voxels[i] == 0 ? float.NaN : volume.Voxels[i];
        }

        Assert.Equal(expected, RadiomicsExtractor.Extract(volume, mask, Spacing).Features);
    }

    [Fact]
    public void Too_many_grey_levels_leave_the_textures_out_and_name_the_way_out()
    {
        var (volume, mask) = Make("huge values");
        var result = RadiomicsExtractor.Extract(volume, mask, Spacing);
        Assert.NotNull(result["firstorder_Mean"].Value);
        Assert.Contains("bin count", result["glcm_Contrast"].Reason, StringComparison.Ordinal);
        var binned = RadiomicsExtractor.Extract(volume, mask, Spacing, new RadiomicsOptions { BinCount = 32 });
        Assert.NotNull(binned["glcm_Contrast"].Value);
    }

    [Fact]
    public void Requests_that_make_no_sense_are_refused()
    {
        var (volume, mask) = Make("full");
        Assert.Throws<ArgumentException>(() => RadiomicsExtractor.Extract(volume, Mask.Empty(4, 4), Spacing));
        Assert.Throws<ArgumentException>(() => RadiomicsExtractor.Extract(volume, mask, new VoxelSpacing(1, 0, 1)));
        Assert.Throws<ArgumentException>(() => RadiomicsExtractor.Extract(volume, mask, new VoxelSpacing(1, 1, double.NaN)));
        foreach (var options in new RadiomicsOptions[]
        {
            new() { BinWidth = 0 }, new() { BinWidth = double.NaN }, new() { BinCount = 0 }, new() { BinCount = 100_000 },
            new() { Resampling = new VoxelSpacing(-1, 1, 1) }, new() { Resampling = new VoxelSpacing(1e-9, 1e-9, 1e-9) },
        })
        {
            Assert.Throws<ArgumentException>(() => RadiomicsExtractor.Extract(volume, mask, Spacing, options));
        }

        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(
            () => RadiomicsExtractor.Extract(volume, mask, Spacing, null, cancelled.Token));
    }

    [Fact]
    public void The_short_names_of_the_API_carry_the_values_of_the_long_ones()
    {
        var (volume, mask) = RadiomicsData.Random(42, 20, 18, 1);
        var result = RadiomicsExtractor.Extract(volume, mask, Spacing);
        Assert.Equal(
            [
                ("GLCM_Contrast", result["glcm_Contrast"].Value),
                ("GLCM_Energy", result["glcm_JointEnergy"].Value),
                ("GLRLM_SRE", result["glrlm_ShortRunEmphasis"].Value),
                ("GLRLM_LRE", result["glrlm_LongRunEmphasis"].Value),
                ("FirstOrder_Mean", result["firstorder_Mean"].Value),
                ("FirstOrder_Std", Math.Sqrt(result["firstorder_Variance"].Value!.Value)),
                ("FirstOrder_Median", result["firstorder_Median"].Value),
                ("FirstOrder_Range", result["firstorder_Range"].Value),
            ],
            result.ReferenceNames.Select(n => (n.Key, n.Value)));
        Assert.All(result.ReferenceNames.Values, v => Assert.NotNull(v));
    }

    private static (Volume Volume, Mask Mask) Make(string region)
    {
        const int Side = 5;
        Func<int, int, int, bool> inside = region switch
        {
            "empty" => (_, _, _) => false,
            "voxel" => (x, y, z) => (x, y, z) == (2, 3, 1),
            "line x" => (_, y, z) => (y, z) == (4, 0),
            "line y" => (x, _, z) => (x, z) == (4, 4),
            "line z" => (x, y, _) => (x, y) == (0, 2),
            "diagonal" => (x, y, z) => x == y && y == z,
            "two far apart" => (x, y, z) => (x, y, z) is (0, 0, 0) or (4, 0, 0),
            "corner to corner" => (x, y, z) => (x, y, z) is (0, 0, 0) or (4, 3, 4),
            "checkerboard" => (x, y, z) => (x + y + z) % 2 == 0,
            _ => (_, _, _) => true,
        };
        Func<int, float> value = region switch
        {
            "flat" => _ => -7.5f,
            "huge values" => i => i % 2 == 0 ? float.MaxValue : float.MinValue / (i + 1),
            "tiny values" => i => i * float.Epsilon,
            "two levels" => i => i % 3 == 0 ? 25 : 50,
            _ => i => i * 37 % 211,
        };
        var mask = new byte[Side * Side * Side];
        for (var i = 0; i < mask.Length; i++)
        {
            mask[i] = (byte)(inside(i % Side, i / Side % Side, i / Side / Side) ? 1 : 0);
        }

        return (
            RadiomicsData.ToVolume([.. Enumerable.Range(0, mask.Length).Select(value)], Side, Side, Side),
            new Mask(mask, Side, Side, Side));
    }
}
