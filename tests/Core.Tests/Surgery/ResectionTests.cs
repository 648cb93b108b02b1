using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Surgery;

namespace TumorFunctions.Core.Tests.Surgery;

public sealed class ResectionTests
{
    private static readonly VoxelSpacing Spacing = new(1, 1, 2);
    private static readonly (double X, double Y, double Z) FromTheFront = (0, 1, 0);

    [Theory]
    [InlineData(1)]
    [InlineData(21)]
    public void Depth_and_edge_are_those_of_the_phantom(int depth)
    {
        (Volume volume, Mask tumour) = Head(depth, centreY: 40, radius: 8);
        SurgicalSimulation result = Simulate(volume, tumour, FromTheFront, 0.5);
        // Scalp from y = 10 to 90, tumour from 32 to 48, brain from 20 to 80.
        Assert.InRange(result.Depth, 20.5, 23);
        Assert.InRange(result.EdgeDistance!.Value, 11, 14);
        Assert.True(result.IsBrainApart);
        Assert.False(result.SurfaceCutOff);
        Assert.InRange(Simulate(volume, tumour, (0, -1, 0), 0.5).Depth, 40.5, 43);
    }

    [Fact]
    public void A_tumour_at_the_brain_s_edge_is_near_it()
    {
        (Volume volume, Mask tumour) = Head(1, centreY: 30, radius: 8);
        Assert.InRange(Simulate(volume, tumour, FromTheFront, 1).EdgeDistance!.Value, 0.5, 4);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.25)]
    [InlineData(0.75)]
    [InlineData(1)]
    public void The_planned_share_is_removed_from_the_side_of_the_approach(double resection)
    {
        (Volume volume, Mask tumour) = Head(21, centreY: 50, radius: 8);
        SurgicalSimulation result = Simulate(volume, tumour, FromTheFront, resection);
        int all = tumour.Voxels.Count(inside => inside == 1), left = result.Residual.Voxels.Count(inside => inside == 1);
        Assert.Equal((1 - resection) * all, left, 1.0);
        Assert.Equal(left * Spacing.VoxelVolume, result.ResidualVolume!.Value, 6);
        Assert.Equal(all * Spacing.VoxelVolume, result.Volume!.Value, 6);
        int[] removed = [.. Rows(i => tumour.Voxels[i] == 1 && result.Residual.Voxels[i] == 0)];
        int[] kept = [.. Rows(i => result.Residual.Voxels[i] == 1)];
        Assert.True(removed.DefaultIfEmpty(0).Max() <= kept.DefaultIfEmpty(100).Min());
        Assert.All(Enumerable.Range(0, tumour.Voxels.Length), i => Assert.True(result.Residual.Voxels[i] <= tumour.Voxels[i]));

        IEnumerable<int> Rows(Func<int, bool> wanted) => Enumerable.Range(0, tumour.Voxels.Length).Where(wanted).Select(i => i / 100 % 100);
    }

    [Fact]
    public void A_head_that_the_image_cuts_off_is_said_to_be()
    {
        (Volume volume, Mask tumour) = Head(1, centreY: 50, radius: 8);
        Volume cut = new(volume.Voxels[2500..], 100, 75, 1) { Format = ImageFormat.Png, BitsPerSample = 8 };
        SurgicalSimulation result = Simulate(cut, new Mask(tumour.Voxels[2500..], 100, 75), FromTheFront, 0.5);
        Assert.True(result.SurfaceCutOff);
        Assert.InRange(result.Depth, 16, 18);
    }

    [Fact]
    public void Without_thickness_there_is_no_volume_and_a_sphere_is_scored()
    {
        (Volume volume, Mask tumour) = Head(1, centreY: 50, radius: 8);
        SurgicalSimulation result = ResectionSimulator.Simulate(volume, tumour, Spacing, thicknessKnown: false, FromTheFront, 0.5);
        Assert.Null(result.Volume);
        Assert.Null(result.ResidualVolume);
        Assert.Equal(4.0 / 3 * Math.PI * 512, result.ScoredVolume, 100.0);
    }

    [Fact]
    public void Scores_are_bounded_and_monotone_in_volume_depth_and_resection()
    {
        double[] volumes = [0, 1, 500, 20_000, 1e6, 1e12], lengths = [0, 1, 20, 80, 1e6], shares = [0, 0.1, 0.5, 0.99, 1];
        foreach (double volume in volumes)
        {
            foreach (double depth in lengths)
            {
                foreach (double share in shares)
                {
                    SurgicalScore score = SurgicalScore.Of(volume, depth, 10, share);
                    Assert.InRange(score.Difficulty, 0, 100);
                    Assert.InRange(score.Risk, 0, 100);
                    Assert.InRange(score.Minutes, 90, 720);
                    AssertNoLess(SurgicalScore.Of(volume * 1.5, depth, 10, share), score);
                    AssertNoLess(SurgicalScore.Of(volume, depth * 1.5, 10, share), score);
                    AssertNoLess(SurgicalScore.Of(volume, depth, 15, share), score);
                    SurgicalScore more = SurgicalScore.Of(volume, depth, 10, Math.Min(1, share * 1.01));
                    Assert.True(more.Difficulty >= score.Difficulty && more.Minutes >= score.Minutes && more.Risk <= score.Risk);
                }
            }
        }

        SurgicalScore golden = SurgicalScore.Of(30_000, 30, 15, 0.5);
        Assert.Equal((50, 50), (golden.Difficulty, golden.Risk));
        Assert.Equal((int)Math.Round(120 + (6 * Math.Cbrt(225))), golden.Minutes);
        Assert.Throws<ArgumentOutOfRangeException>(() => SurgicalScore.Of(-1, 0, 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => SurgicalScore.Of(1, double.NaN, 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => SurgicalScore.Of(1, 0, 0, 1.1));

        static void AssertNoLess(SurgicalScore more, SurgicalScore less) =>
            Assert.True(more.Difficulty >= less.Difficulty && more.Risk >= less.Risk && more.Minutes >= less.Minutes);
    }

    [Fact]
    public void Approaches_follow_the_volume_s_orientation()
    {
        Assert.Equal(SurgicalApproach.All.Count, SurgicalApproach.All.Select(approach => approach.Id).Distinct().Count());
        Assert.All(SurgicalApproach.All, approach =>
        {
            (double x, double y, double z) = approach.Direction;
            Assert.Equal(1, (x * x) + (y * y) + (z * z), 12);
        });
        Assert.Null(SurgicalApproach.Find("surgical_path_999"));

        SurgicalApproach front = SurgicalApproach.Find("surgical_path_001")!, crown = SurgicalApproach.Find("surgical_path_005")!;
        Volume Lying(int depth, VolumeOrientation? orientation) => new(new float[16 * depth], 4, 4, depth)
        {
            Format = ImageFormat.Nifti,
            BitsPerSample = 16,
            Orientation = orientation,
        };
        Assert.Equal((0, 1, 0), front.InVoxels(Lying(2, null)));
        Assert.Equal((0, 0, -1), crown.InVoxels(Lying(2, null)));
        Assert.Null(crown.InVoxels(Lying(1, null)));

        // Sagittal: columns run to the feet, rows to the back.
        VolumeOrientation sagittal = new([0, 0, 0], [0, 1, 0], [0, 0, -1], [-1, 0, 0]);
        Assert.Equal((1, 0, 0), front.InVoxels(Lying(1, sagittal)));
        Assert.Equal((0, 1, 0), crown.InVoxels(Lying(1, sagittal)));
    }

    private static SurgicalSimulation Simulate(Volume volume, Mask tumour, (double X, double Y, double Z) direction, double resection) =>
        ResectionSimulator.Simulate(volume, tumour, Spacing, thicknessKnown: true, direction, resection);

    /// <summary>Scalp from 40 to 38 mm about (50, 50), dark skull to 30, brain within, a bright ball of tumour.</summary>
    private static (Volume Volume, Mask Tumour) Head(int depth, int centreY, double radius)
    {
        float[] values = new float[100 * 100 * depth];
        Mask tumour = Mask.Empty(100, 100, depth);
        Random random = new(1);
        for (int i = 0; i < values.Length; i++)
        {
            (double x, double y, double z) = ((i % 100) - 50, (i / 100 % 100) - 50, 2 * ((i / 10_000) - (depth / 2)));
            double distance = Math.Sqrt((x * x) + (y * y));
            values[i] = random.Next(8) + (distance > 40 ? 0 : distance > 38 ? 180 : distance > 30 ? 0 : 90);
            double y0 = y + 50 - centreY;
            if ((x * x) + (y0 * y0) + (z * z) <= radius * radius)
                (values[i], tumour.Voxels[i]) = (220, 1);
        }

        return (new Volume(values, 100, 100, depth) { Format = ImageFormat.Png, BitsPerSample = 8 }, tumour);
    }
}
