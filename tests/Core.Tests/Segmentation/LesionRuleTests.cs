using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Core.Tests.Segmentation;

public sealed class LesionRuleTests
{
    private readonly Mask _mask = Mask.Empty(20, 10, 5);
    private readonly List<Detection>[] _detections = [[], [], [], [], []];

    [Fact]
    public void What_spans_slices_stays_and_a_lone_region_needs_a_sure_model()
    {
        Draw(1, 2, 2, 6, 6, 0.3f);
        Draw(2, 5, 6, 9, 9, 0.35f);
        Draw(3, 14, 2, 16, 4, 0.45f);
        Draw(4, 17, 7, 20, 10, 0.55f);
        var lesions = Apply(LesionRule.Default);
        Assert.Equal(1, lesions.Dropped);
        Assert.Equal([(28L, 0.35f), (9L, 0.55f)], lesions.Items.Select(lesion => (lesion.VoxelCount, lesion.PeakConfidence)));
        Assert.Equal([1, 2, 4], lesions.Detections.Select(found => found.Slice));
        Assert.Equal(28 + 9, lesions.Mask.Voxels.Sum(v => v));

        // Diagonal neighbours on the next slice touch: column 5 and row 6 meet at a corner.
        Assert.Equal(new VoxelBox(2, 2, 1, 9, 9, 3), lesions.Items[0].Box);
    }

    [Fact]
    public void Slices_apart_do_not_confirm_each_other()
    {
        Draw(0, 2, 2, 6, 6, 0.4f);
        Draw(2, 2, 2, 6, 6, 0.4f);
        Assert.Empty(Apply(LesionRule.Default).Items);
    }

    [Fact]
    public void The_options_set_the_bounds()
    {
        Draw(0, 2, 2, 6, 6, 0.4f);
        Draw(1, 2, 2, 6, 6, 0.4f);
        Draw(4, 2, 2, 6, 6, 0.4f);
        Assert.Equal(2, Apply(new LesionRule(1)).Items.Count);
        Assert.Single(Apply(new LesionRule(2)).Items);
        Assert.Empty(Apply(new LesionRule(3)).Items);
        Assert.Equal(2, Apply(new LesionRule(3, LoneSliceConfidence: 0.4)).Items.Count);
    }

    [Fact]
    public void A_detection_that_joins_two_parts_counts_for_both_and_one_without_pixels_for_none()
    {
        Draw(0, 0, 0, 3, 3, 0.1f);
        Draw(1, 0, 0, 3, 3, 0.2f);
        Add(1, 0.7f, [0, 1, 2, 5, 10, 15]);
        _detections[2].Add(new Detection(0, "tumor", 0.99f, new BoundingBox(0, 0, 1, 1), MaskRuns.Empty));
        var lesions = Apply(LesionRule.Default);
        Assert.Equal([(18L, 0.7f), (5L, 0.7f)], lesions.Items.Select(lesion => (lesion.VoxelCount, lesion.PeakConfidence)));
        Assert.DoesNotContain(lesions.Detections, found => found.Slice == 2);
    }

    [Fact]
    public void A_single_image_keeps_what_was_found()
    {
        var mask = Mask.Empty(4, 4);
        mask.Voxels[5] = 1;
        var detection = new Detection(0, "tumor", 0.05f, new BoundingBox(1, 1, 2, 2), new MaskRuns([1, 1, 2]));
        var lesions = LesionRule.Default.Apply(mask, [[detection]]);
        Assert.Equal(new Lesion(1, new VoxelBox(1, 1, 0, 2, 2, 1), 0.05f), Assert.Single(lesions.Items));
        Assert.Same(detection, Assert.Single(lesions.Detections).Detection);
    }

    private Lesions Apply(LesionRule rule) => rule.Apply(new Mask([.. _mask.Voxels], 20, 10, 5), _detections);

    private void Draw(int z, int x0, int y0, int x1, int y1, float score) =>
        Add(z, score, [.. Enumerable.Range(y0, y1 - y0).SelectMany(y => new[] { y, x0, x1 })]);

    private void Add(int z, float score, int[] runs)
    {
        var detection = new Detection(0, "tumor", score, default, new MaskRuns(runs));
        detection.Mask.AddTo(_mask, z);
        _detections[z].Add(detection);
    }
}
