using System.Globalization;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Radiomics;

namespace TumorFunctions.Core.Tests.Radiomics;

/// <summary>A test case of PyRadiomics against the baseline of its own tests.</summary>
public class PyRadiomicsBaselineTests
{
    [Fact]
    public void Features_equal_the_published_baseline()
    {
        var (volume, mask) = RadiomicsData.ReadGrid(
            "pyradiomics-breast1.txt", t => t == "-" ? (-32768, false) : (float.Parse(t, CultureInfo.InvariantCulture), true));
        var result = RadiomicsExtractor.Extract(volume, mask, new VoxelSpacing(0.664062, 0.664062, 2.1));
        Assert.Equal(143, result.VoxelCount);
        var baseline = RadiomicsData.ReadTable("pyradiomics-breast1-baseline.csv");
        Assert.Equal(104, baseline.Length);
        foreach (var row in baseline)
        {
            var (expected, actual) = (RadiomicsData.Number(row[1]), result[row[0]].Value!.Value);
            Assert.True(
                Math.Abs(actual - expected) <= 1e-9 * Math.Abs(expected), $"{row[0]}: {actual:R} instead of {expected:R}");
        }
    }
}
