using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Core.Tests.Segmentation;

public sealed class MaskMeasurementsTests
{
    [Fact]
    public void A_rectangle_measures_as_it_is_drawn()
    {
        var mask = Mask.Empty(20, 30);
        for (var y = 5; y < 13; y++)
            mask.Voxels.AsSpan((y * 20) + 4, 6).Fill(1);
        var measured = MaskMeasurements.Measure(mask, (0.5, 2.0));
        Assert.Equal(48, measured.VoxelCount);
        Assert.Equal(48 * 0.5 * 2.0, measured.AreaMm2, 12);
        Assert.Equal(Math.Sqrt((3.0 * 3) + (16 * 16)), measured.MaxDiameterMm, 12);
        Assert.Equal(new BoundingBox(4, 5, 10, 13), measured.Box);
        Assert.Equal((0, 0, 0), (measured.AreaSlice, measured.FirstSlice, measured.LastSlice));
        Assert.Null(measured.VolumeMm3);
        Assert.Null(measured.MaxDiameter3DMm);
    }

    [Fact]
    public void A_solid_measures_as_it_is_drawn()
    {
        var mask = Mask.Empty(9, 9, 6);
        for (var z = 2; z < 5; z++)
            for (var y = 1; y < 5; y++)
                mask.Voxels.AsSpan((z * 81) + (y * 9) + 3, z == 3 ? 4 : 2).Fill(1);
        var measured = MaskMeasurements.Measure(mask, new VoxelSpacing(2, 3, 1));
        Assert.Equal(32, measured.VoxelCount);
        Assert.Equal(32 * 6, measured.VolumeMm3);
        Assert.Equal(16 * 6, measured.AreaMm2, 12);
        Assert.Equal((3, 2, 4), (measured.AreaSlice, measured.FirstSlice, measured.LastSlice));
        Assert.Equal(Math.Sqrt(64 + 144), measured.MaxDiameterMm, 12);

        // From a corner of the wide slice in the middle, which begins at z = 3, to the far corner of an outer slice, which ends at 5.
        Assert.Equal(Math.Sqrt(64 + 144 + 4), measured.MaxDiameter3DMm!.Value, 12);
        Assert.Null(MaskMeasurements.Measure(mask, new VoxelSpacing(2, 3, 1), depthKnown: false).VolumeMm3);
    }

    [Fact]
    public void An_empty_mask_measures_nothing()
    {
        var measured = MaskMeasurements.Measure(Mask.Empty(3, 3, 2), new VoxelSpacing(1, 1, 1));
        Assert.Equal(new MaskMeasurement(0, 0, 0, null, null, null, 0, 0, 0), measured);
    }

    [Theory]
    [InlineData(1, 1, 1, 1.0)]
    [InlineData(7, 1, 1, 0.5)]
    [InlineData(1, 9, 1, 0.5)]
    [InlineData(12, 9, 1, 0.03)]
    [InlineData(12, 9, 1, 0.5)]
    [InlineData(40, 31, 1, 0.02)]
    [InlineData(9, 8, 7, 0.05)]
    [InlineData(6, 7, 5, 0.6)]
    public void Measures_equal_those_of_all_pairs_of_corners(int width, int height, int depth, double share)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var mask = Mask.Empty(width, height, depth);
            for (var i = 0; i < mask.Voxels.Length; i++)
                mask.Voxels[i] = random.NextDouble() < share ? (byte)1 : (byte)0;
            var spacing = new VoxelSpacing(0.2 + random.NextDouble(), 0.2 + (3 * random.NextDouble()), 0.2 + (5 * random.NextDouble()));
            var measured = MaskMeasurements.Measure(mask, spacing);

            var count = mask.Voxels.Sum(v => v);
            Assert.Equal(count, measured.VoxelCount);
            Assert.Equal(count * spacing.VoxelVolume, measured.VolumeMm3!.Value, 9);
            var areas = Enumerable.Range(0, depth).Select(z => mask.Slice(z).ToArray().Sum(v => v) * spacing.PixelArea).ToArray();
            Assert.Equal(areas.Max(), measured.AreaMm2, 9);
            Assert.Equal(Array.IndexOf(areas, areas.Max()), measured.AreaSlice);
            Assert.Equal(Enumerable.Range(0, depth).Max(z => Farthest(Corners(mask, spacing, z, z + 1), flat: true)), measured.MaxDiameterMm, 9);
            Assert.Equal(Farthest(Corners(mask, spacing, 0, depth), flat: false), measured.MaxDiameter3DMm!.Value, 9);
        }
    }

    [Fact]
    public void A_disk_is_as_wide_as_its_diameter_up_to_a_pixel()
    {
        const int Side = 101;
        var mask = Mask.Empty(Side, Side);
        for (var i = 0; i < mask.Voxels.Length; i++)
        {
            double x = (i % Side) - 50, y = (i / Side) - 50;
            mask.Voxels[i] = (x * x) + (y * y) <= 40 * 40 ? (byte)1 : (byte)0;
        }

        Assert.InRange(MaskMeasurements.Measure(mask, (1, 1)).MaxDiameterMm, 80, 81.5);
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(1, -1, 1)]
    [InlineData(1, double.NaN, 1)]
    [InlineData(1, 1, double.PositiveInfinity)]
    public void Spacings_that_are_no_lengths_are_refused(double x, double y, double z) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => MaskMeasurements.Measure(Mask.Empty(2, 2), (x, y), z));

    private static List<(double X, double Y, double Z)> Corners(Mask mask, VoxelSpacing spacing, int firstSlice, int endSlice)
    {
        var corners = new HashSet<(int, int, int)>();
        for (var z = firstSlice; z < endSlice; z++)
        {
            for (var i = 0; i < mask.Width * mask.Height; i++)
            {
                if (mask.Slice(z)[i] == 0)
                    continue;
                for (var corner = 0; corner < 8; corner++)
                    corners.Add(((i % mask.Width) + (corner & 1), (i / mask.Width) + ((corner >> 1) & 1), z + (corner >> 2)));
            }
        }

        return [.. corners.Select(c => (c.Item1 * spacing.X, c.Item2 * spacing.Y, c.Item3 * spacing.Z))];
    }

    private static double Farthest(List<(double X, double Y, double Z)> points, bool flat)
    {
        var farthest = 0.0;
        foreach (var a in points)
            foreach (var b in points)
                farthest = Math.Max(farthest, Math.Sqrt(Math.Pow(a.X - b.X, 2) + Math.Pow(a.Y - b.Y, 2) + (flat ? 0 : Math.Pow(a.Z - b.Z, 2))));
        return farthest;
    }
}
