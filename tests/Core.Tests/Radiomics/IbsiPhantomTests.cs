using System.Globalization;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Radiomics;

namespace TumorFunctions.Core.Tests.Radiomics;

/// <summary>The digital phantom of IBSI-1 against its reference values.</summary>
public class IbsiPhantomTests
{
    /// <summary>Statistics, morphology and histogram: the same whatever the aggregation of textures.</summary>
    private const int PlainFeatures = 18 + 18 + 2;

    [Theory]
    [InlineData(false, TextureAggregation.Averaged, 25 + 16 + 16 + 17 + 5)]
    [InlineData(false, TextureAggregation.Merged, 25 + 16 + 16 + 17 + 5)]
    [InlineData(true, TextureAggregation.Averaged, 25 + 16 + 16 + 17 + 5)]
    [InlineData(true, TextureAggregation.Merged, 25 + 16 + 16 + 17 + 5)]
    public void Every_feature_with_a_reference_value_agrees(bool force2D, TextureAggregation aggregation, int textures)
    {
        var (volume, mask) = RadiomicsData.ReadGrid(
            "ibsi-1-digital-phantom.txt", t => (Math.Abs(float.Parse(t, CultureInfo.InvariantCulture)), t[0] != '-'));
        var result = RadiomicsExtractor.Extract(volume, mask, new VoxelSpacing(2, 2, 2), new RadiomicsOptions
        {
            Convention = RadiomicsConvention.Ibsi,
            BinWidth = 1,
            Force2D = force2D,
            Aggregation = aggregation,
        });
        Assert.Equal(74, result.VoxelCount);

        var compared = 0;
        foreach (var row in RadiomicsData.ReadTable("ibsi-1-digital-phantom-reference.csv"))
        {
            if (!result.TryGetFeature(row[0], out var feature))
            {
                continue;
            }

            var (expected, tolerance) = (RadiomicsData.Number(row[2]), RadiomicsData.Number(row[3]));
            var agrees = Math.Abs(feature.Value!.Value - expected) <= Math.Max(tolerance, HalfOfLastDigit(expected));
            Assert.True(agrees, $"{row[0]}: {feature.Value} instead of {expected} ± {tolerance}");
            compared++;
        }

        Assert.Equal(PlainFeatures + textures, compared);
    }

    /// <summary>Reference values are given in three significant digits.</summary>
    private static double HalfOfLastDigit(double value) =>
        value == 0 ? 0.0005 : 0.5001 * Math.Pow(10, Math.Floor(Math.Log10(Math.Abs(value))) - 2);
}
