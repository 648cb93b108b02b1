using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Core.Tests.Segmentation;

public sealed class MaskComponentsTests
{
    [Theory]
    [InlineData(1, 1, 1, 1.0)]
    [InlineData(9, 1, 1, 0.5)]
    [InlineData(1, 9, 4, 0.5)]
    [InlineData(17, 13, 1, 0.3)]
    [InlineData(12, 11, 9, 0.03)]
    [InlineData(12, 11, 9, 0.08)]
    [InlineData(12, 11, 9, 0.15)]
    [InlineData(7, 6, 5, 0.9)]
    public void Components_are_those_of_a_flood_fill(int width, int height, int depth, double share)
    {
        var random = new Random((width * 31) + depth);
        for (var round = 0; round < 40; round++)
        {
            var mask = Random(random, width, height, depth, share);
            var labels = Flood(mask);
            var components = MaskComponents.Find(mask);
            Assert.Equal(labels.Max(), components.Items.Count);
            Assert.Equal(components.Items.OrderByDescending(c => c.VoxelCount), components.Items);
            var matched = new Dictionary<int, int>();
            for (var i = 0; i < labels.Length; i++)
            {
                var (x, y, z) = (i % width, i / width % height, i / (width * height));
                if (components.At(x, y, z) is { } index)
                {
                    Assert.Equal(matched.TryGetValue(labels[i], out var known) ? known : index, index);
                    matched[labels[i]] = index;
                }
                else
                {
                    Assert.Equal(0, labels[i]);
                }
            }

            Assert.Equal(matched.Count, matched.Values.Distinct().Count());
            foreach (var component in components.Items)
            {
                var label = matched.Single(pair => pair.Value == component.Index).Key;
                var voxels = Enumerable.Range(0, labels.Length).Where(i => labels[i] == label).ToArray();
                Assert.Equal(voxels.Length, component.VoxelCount);
                Assert.Equal(
                    new VoxelBox(
                        voxels.Min(i => i % width), voxels.Min(i => i / width % height), voxels.Min(i => i / (width * height)),
                        voxels.Max(i => i % width) + 1, voxels.Max(i => i / width % height) + 1, voxels.Max(i => i / (width * height)) + 1),
                    component.Box);
                var crop = components.Crop(component);
                Assert.Equal(voxels.Length, crop.Voxels.Sum(v => v));
                Assert.All(voxels, i => Assert.Equal(1, crop.Voxels[Place(crop, component.Box, i, width, height)]));
            }

            var rest = labels.Count(label => label != 0);
            foreach (var component in components.Items)
            {
                components.Erase(component);
                rest -= (int)component.VoxelCount;
                Assert.Equal(rest, mask.Voxels.Sum(v => v));
            }
        }
    }

    [Fact]
    public void The_way_between_two_lesions_is_no_diameter()
    {
        var mask = Mask.Empty(40, 10, 3);
        Fill(mask, (0, 0, 0), (2, 2, 2));
        Fill(mask, (36, 6, 1), (40, 9, 3));
        var sizes = LesionMeasurements.Measure(mask, (1, 2), 3)!;
        Assert.Equal(2, sizes.LesionCount);
        Assert.Equal((8 + 24) * 6, sizes.VolumeMm3);
        Assert.Equal(Math.Sqrt((4 * 4) + (6 * 6) + (6 * 6)), sizes.MaxDiameterMm, 12);
        Assert.Equal([24L, 8L], sizes.Lesions.Select(lesion => lesion.VoxelCount));
        Assert.Equal(new VoxelBox(0, 0, 0, 40, 9, 3), sizes.Box);
        Assert.Equal(2, sizes.MiddleSlice);
        Assert.Equal((12 + 4) * 2, sizes.AreaMm2);

        var flat = LesionMeasurements.Measure(mask, (1, 2), null)!;
        Assert.Null(flat.VolumeMm3);
        Assert.Equal(Math.Sqrt((4 * 4) + (6 * 6)), flat.MaxDiameterMm, 12);
        Assert.Null(LesionMeasurements.Measure(Mask.Empty(3, 3, 3), (1, 1), 1));
    }

    [Fact]
    public void The_largest_diameter_may_be_that_of_a_lesion_that_is_not_listed()
    {
        var mask = Mask.Empty(60, 20);
        Fill(mask, (0, 0, 0), (9, 9, 1));
        Fill(mask, (0, 15, 0), (50, 16, 1));
        Fill(mask, (30, 0, 0), (35, 5, 1));
        var sizes = LesionMeasurements.Measure(mask, (1, 1), null, listed: 1)!;
        Assert.Equal(3, sizes.LesionCount);
        Assert.Single(sizes.Lesions);
        Assert.Equal(Math.Sqrt((50 * 50) + 1), sizes.MaxDiameterMm, 12);
    }

    private static int Place(Mask crop, VoxelBox box, int i, int width, int height) =>
        ((((i / (width * height)) - box.Z0) * crop.Height) + (i / width % height) - box.Y0) * crop.Width + (i % width) - box.X0;

    private static void Fill(Mask mask, (int X, int Y, int Z) from, (int X, int Y, int Z) to)
    {
        for (var z = from.Z; z < to.Z; z++)
        {
            for (var y = from.Y; y < to.Y; y++)
                mask.Voxels.AsSpan((((z * mask.Height) + y) * mask.Width) + from.X, to.X - from.X).Fill(1);
        }
    }

    private static Mask Random(Random random, int width, int height, int depth, double share) =>
        new([.. Enumerable.Range(0, width * height * depth).Select(_ => random.NextDouble() < share ? (byte)1 : (byte)0)], width, height, depth);

    private static int[] Flood(Mask mask)
    {
        var labels = new int[mask.Voxels.Length];
        var count = 0;
        for (var seed = 0; seed < labels.Length; seed++)
        {
            if (mask.Voxels[seed] == 0 || labels[seed] != 0)
                continue;
            labels[seed] = ++count;
            var open = new Stack<int>([seed]);
            while (open.TryPop(out var i))
            {
                var (x, y, z) = (i % mask.Width, i / mask.Width % mask.Height, i / (mask.Width * mask.Height));
                for (var n = 0; n < 27; n++)
                {
                    var (nx, ny, nz) = (x + (n % 3) - 1, y + (n / 3 % 3) - 1, z + (n / 9) - 1);
                    if (nx < 0 || ny < 0 || nz < 0 || nx >= mask.Width || ny >= mask.Height || nz >= mask.Depth)
                        continue;
                    var at = (((nz * mask.Height) + ny) * mask.Width) + nx;
                    if (mask.Voxels[at] == 0 || labels[at] != 0)
                        continue;
                    labels[at] = count;
                    open.Push(at);
                }
            }
        }

        return labels;
    }
}
