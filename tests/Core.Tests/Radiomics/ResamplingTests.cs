using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Radiomics;

namespace TumorFunctions.Core.Tests.Radiomics;

public class ResamplingTests
{
    [Fact]
    public void The_spacing_that_is_there_changes_nothing()
    {
        var (volume, mask) = RadiomicsData.Random(51, 14, 11, 6, holes: 0.2);
        var spacing = new VoxelSpacing(0.7, 0.8, 2);
        foreach (var target in new[] { spacing, default })
        {
            var result = RadiomicsExtractor.Extract(volume, mask, spacing, new RadiomicsOptions { Resampling = target });
            Assert.Equal(RadiomicsExtractor.Extract(volume, mask, spacing).Features, result.Features);
            Assert.Equal(spacing, result.Spacing);
        }
    }

    [Fact]
    public void A_linear_image_stays_linear_and_a_box_keeps_its_volume()
    {
        // 12 × 10 × 8 voxels of 1 × 1 × 3 mm, a box of 6 × 4 × 4 of them: 6 × 4 × 12 mm around the centre of the grid.
        const int Width = 12, Height = 10, Depth = 8;
        var values = new float[Width * Height * Depth];
        var mask = new byte[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var (x, y, z) = (i % Width, i / Width % Height, i / Width / Height);
            values[i] = (8 * x) + (4 * y) + (24 * z);
            mask[i] = (byte)(x is >= 3 and < 9 && y is >= 3 and < 7 && z is >= 2 and < 6 ? 1 : 0);
        }

        var result = RadiomicsExtractor.Extract(
            RadiomicsData.ToVolume(values, Width, Height, Depth), new Mask(mask, Width, Height, Depth), new VoxelSpacing(1, 1, 3),
            new RadiomicsOptions { Resampling = new VoxelSpacing(0.5, 1, 1) });
        Assert.Equal(new VoxelSpacing(0.5, 1, 1), result.Spacing);
        Assert.Equal(12 * 4 * 12, result.VoxelCount);
        Assert.Equal(6 * 4 * 12, result["shape_VoxelVolume"].Value);

        // New centres in x are 3 − ¼ … 8 + ¼, in z (units of 3 mm) 2 − ⅓ … 5 + ⅓.
        Assert.Equal((8 * 2.75) + (4 * 3) + (24 * (5.0 / 3)), result["firstorder_Minimum"].Value!.Value, 4);
        Assert.Equal((8 * 8.25) + (4 * 6) + (24 * (16.0 / 3)), result["firstorder_Maximum"].Value!.Value, 4);
        Assert.Equal((8 * 5.5) + (4 * 4.5) + (24 * 3.5), result["firstorder_Mean"].Value!.Value, 4);
    }

    [Fact]
    public void Only_the_surroundings_of_the_region_are_computed()
    {
        // The whole grid at this spacing would have 10¹² voxels.
        const int Side = 100;
        var mask = Mask.Empty(Side, Side, Side);
        mask.Voxels[(((50 * Side) + 50) * Side) + 50] = 1;
        var result = RadiomicsExtractor.Extract(
            RadiomicsData.ToVolume(new float[Side * Side * Side], Side, Side, Side), mask, new VoxelSpacing(1, 1, 1),
            new RadiomicsOptions { Resampling = new VoxelSpacing(0.01, 0.01, 0.01) });
        Assert.InRange(result["shape_VoxelVolume"].Value!.Value, 0.97, 1.03);
    }

    [Fact]
    public void A_slice_is_not_resampled_through()
    {
        var (volume, mask) = RadiomicsData.Random(52, 20, 20, 1);
        var result = RadiomicsExtractor.Extract(
            volume, mask, new VoxelSpacing(1, 1, 5), new RadiomicsOptions { Resampling = new VoxelSpacing(0.5, 0.5, 0.5) });
        Assert.Equal(new VoxelSpacing(0.5, 0.5, 5), result.Spacing);
        Assert.Equal(4.0, result.VoxelCount / (double)mask.Voxels.Count(v => v != 0), 0.1);
    }

    [Fact]
    public void A_region_may_vanish_between_wide_voxels()
    {
        var (volume, _) = RadiomicsData.Random(53, 16, 16, 16);
        var mask = Mask.Empty(16, 16, 16);
        mask.Voxels[0] = 1;
        var result = RadiomicsExtractor.Extract(
            volume, mask, new VoxelSpacing(1, 1, 1), new RadiomicsOptions { Resampling = new VoxelSpacing(7, 7, 7) });
        Assert.Equal(0, result.VoxelCount);
        Assert.All(result.Features, f => Assert.Contains("resampling", f.Reason, StringComparison.Ordinal));
    }
}
