using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Radiomics;

namespace TumorFunctions.Core.Tests.Radiomics;

/// <summary>What must not change, or must change by a known factor.</summary>
public class RadiomicsInvarianceTests
{
    private static readonly VoxelSpacing Spacing = new(0.8, 0.9, 2.5);

    [Theory]
    [InlineData(RadiomicsConvention.PyRadiomics)]
    [InlineData(RadiomicsConvention.Ibsi)]
    public void Moving_the_region_in_the_image_changes_nothing(RadiomicsConvention convention)
    {
        var (volume, mask) = RadiomicsData.Random(21, 14, 11, 6, holes: 0.3);
        var (wide, wideMask) = Place(volume, mask, 25, 19, 13, 9, 5, 4);
        var options = new RadiomicsOptions { Convention = convention };
        Assert.Equal(
            RadiomicsExtractor.Extract(volume, mask, Spacing, options).Features,
            RadiomicsExtractor.Extract(wide, wideMask, Spacing, options).Features);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.3)]
    public void A_quarter_turn_changes_only_the_names_of_the_axes(double holes)
    {
        // IBSI's convention: the surface of the classic table is not quite the same in all orientations.
        var (volume, mask) = RadiomicsData.Random(22, 13, 10, 7, holes: holes);
        var options = new RadiomicsOptions { Convention = RadiomicsConvention.Ibsi };
        var expected = RadiomicsExtractor.Extract(volume, mask, Spacing, options);
        var (turned, turnedMask) = TurnAroundZ(volume, mask);
        var actual = RadiomicsExtractor.Extract(
            turned, turnedMask, new VoxelSpacing(Spacing.Y, Spacing.X, Spacing.Z), options);
        foreach (var feature in expected.Features)
        {
            var name = feature.Name switch
            {
                "shape_Maximum2DDiameterColumn" => "shape_Maximum2DDiameterRow",
                "shape_Maximum2DDiameterRow" => "shape_Maximum2DDiameterColumn",
                _ => feature.Name,
            };
            AssertClose(name, feature.Value, actual[name].Value, 1e-9);
        }
    }

    [Theory]
    [InlineData(RadiomicsConvention.PyRadiomics)]
    [InlineData(RadiomicsConvention.Ibsi)]
    public void Lengths_areas_and_volumes_scale_with_the_spacing_and_nothing_else_does(RadiomicsConvention convention)
    {
        const double Factor = 2.5;
        var (volume, mask) = RadiomicsData.Random(23, 14, 11, 1, holes: 0.1);
        var options = new RadiomicsOptions { Convention = convention };
        var expected = RadiomicsExtractor.Extract(volume, mask, Spacing, options);
        var actual = RadiomicsExtractor.Extract(
            volume, mask, new VoxelSpacing(Spacing.X * Factor, Spacing.Y * Factor, Spacing.Z * Factor), options);
        foreach (var feature in expected.Features)
        {
            AssertClose(
                feature.Name, feature.Value is { } v ? v * Math.Pow(Factor, LengthPower(feature.Name)) : null,
                actual[feature.Name].Value, 1e-12);
        }
    }

    [Fact]
    public void A_shift_by_whole_bins_changes_no_texture()
    {
        var (volume, mask) = RadiomicsData.Random(24, 14, 11, 6);
        var shifted = RadiomicsData.ToVolume([.. volume.Voxels.Select(v => MathF.Round(v) - 1000)], 14, 11, 6);
        var rounded = RadiomicsData.ToVolume([.. volume.Voxels.Select(v => MathF.Round(v))], 14, 11, 6);
        var expected = RadiomicsExtractor.Extract(rounded, mask, Spacing);
        var actual = RadiomicsExtractor.Extract(shifted, mask, Spacing);
        Assert.Equal(
            expected.Features.Where(f => f.Name.StartsWith("gl", StringComparison.Ordinal)),
            actual.Features.Where(f => f.Name.StartsWith("gl", StringComparison.Ordinal)));
        Assert.Equal(expected["firstorder_Mean"].Value!.Value - 1000, actual["firstorder_Mean"].Value!.Value, 9);
    }

    [Fact]
    public void Diameters_are_the_largest_distances_between_vertices_of_the_surface()
    {
        foreach (var seed in Enumerable.Range(30, 12))
        {
            var (width, height, depth) = (4 + (seed % 9), 12 - (seed % 7), 1 + (seed % 6));
            var (volume, mask) = RadiomicsData.Random(seed, width, height, depth, holes: seed % 4 * 0.25);
            var result = RadiomicsExtractor.Extract(volume, mask, Spacing);
            var vertices = Vertices(mask).ToArray();
            AssertClose("3D", Farthest(vertices, (_, _) => true), result["shape_Maximum3DDiameter"].Value, 1e-12);
            AssertClose("slice", Farthest(vertices, (a, b) => a.Z == b.Z), result["shape_Maximum2DDiameterSlice"].Value, 1e-12);
            AssertClose("column", Farthest(vertices, (a, b) => a.Y == b.Y), result["shape_Maximum2DDiameterColumn"].Value, 1e-12);
            AssertClose("row", Farthest(vertices, (a, b) => a.X == b.X), result["shape_Maximum2DDiameterRow"].Value, 1e-12);
        }
    }

    [Fact]
    public void A_disc_and_a_ball_have_the_size_and_roundness_of_theirs()
    {
        const double Radius = 20;
        var disc = Ball(45, 1, Radius);
        var planar = RadiomicsExtractor.Extract(
            RadiomicsData.ToVolume(new float[45 * 45], 45, 45, 1), disc, new VoxelSpacing(0.5, 0.5, 1));
        var (r, area) = (Radius / 2, Math.PI * Radius * Radius / 4);
        Assert.InRange(planar["shape2D_MeshSurface"].Value!.Value, 0.97 * area, 1.01 * area);
        Assert.InRange(planar["shape2D_Perimeter"].Value!.Value, 2 * Math.PI * r, 1.08 * 2 * Math.PI * r);
        Assert.InRange(planar["shape2D_MaximumDiameter"].Value!.Value, 2 * r, 2.05 * r);
        Assert.Equal(1, planar["shape2D_Elongation"].Value!.Value, 6);

        var ball = RadiomicsExtractor.Extract(
            RadiomicsData.ToVolume(new float[45 * 45 * 45], 45, 45, 45), Ball(45, 45, Radius), new VoxelSpacing(0.5, 0.5, 0.5));
        var sphere = 4.0 / 3 * Math.PI * r * r * r;
        Assert.InRange(ball["shape_MeshVolume"].Value!.Value, 0.97 * sphere, 1.01 * sphere);
        Assert.InRange(ball["shape_Sphericity"].Value!.Value, 0.9, 1);
        Assert.Equal(4 * r / Math.Sqrt(5), ball["shape_MajorAxisLength"].Value!.Value, 1);
        Assert.Equal(1, ball["shape_Flatness"].Value!.Value, 6);
    }

    private static Mask Ball(int side, int depth, double radius) => new(
        [.. Enumerable.Range(0, side * side * depth).Select(i => (byte)(
            Square((i % side) - (side / 2)) + Square((i / side % side) - (side / 2)) + Square((i / side / side) - (depth / 2))
            <= radius * radius ? 1 : 0))], side, side, depth);

    private static double Square(double x) => x * x;

    /// <summary>Midpoints between a voxel inside and a neighbour outside along an axis.</summary>
    private static IEnumerable<(double X, double Y, double Z)> Vertices(Mask mask)
    {
        bool Inside(int x, int y, int z) => x >= 0 && y >= 0 && z >= 0 && x < mask.Width && y < mask.Height && z < mask.Depth
            && mask.Voxels[(((z * mask.Height) + y) * mask.Width) + x] != 0;
        for (var z = -1; z < mask.Depth; z++)
        {
            for (var y = -1; y < mask.Height; y++)
            {
                for (var x = -1; x < mask.Width; x++)
                {
                    var here = Inside(x, y, z);
                    if (here != Inside(x + 1, y, z))
                    {
                        yield return (x + 0.5, y, z);
                    }

                    if (here != Inside(x, y + 1, z))
                    {
                        yield return (x, y + 0.5, z);
                    }

                    if (here != Inside(x, y, z + 1))
                    {
                        yield return (x, y, z + 0.5);
                    }
                }
            }
        }
    }

    private static double Farthest(
        (double X, double Y, double Z)[] points,
        Func<(double X, double Y, double Z), (double X, double Y, double Z), bool> together)
    {
        var largest = 0.0;
        foreach (var a in points)
        {
            foreach (var b in points)
            {
                if (together(a, b))
                {
                    var (x, y, z) = ((a.X - b.X) * Spacing.X, (a.Y - b.Y) * Spacing.Y, (a.Z - b.Z) * Spacing.Z);
                    largest = Math.Max(largest, (x * x) + (y * y) + (z * z));
                }
            }
        }

        return Math.Sqrt(largest);
    }

    private static int LengthPower(string name) => name switch
    {
        "shape_MeshVolume" or "shape_VoxelVolume" or "morph_volume" or "morph_vol_approx" or "firstorder_TotalEnergy" => 3,
        "shape_SurfaceArea" or "morph_area_mesh" or "shape2D_MeshSurface" or "shape2D_PixelSurface" => 2,
        "shape_SurfaceVolumeRatio" or "morph_av" or "shape2D_PerimeterSurfaceRatio" => -1,
        "shape2D_Perimeter" or "morph_diam" => 1,
        _ when name.Contains("Diameter", StringComparison.Ordinal) || name.EndsWith("Length", StringComparison.Ordinal)
            || name.EndsWith("_axis", StringComparison.Ordinal) => 1,
        _ => 0,
    };

    private static (Volume Volume, Mask Mask) Place(
        Volume volume, Mask mask, int width, int height, int depth, int atX, int atY, int atZ)
    {
        var values = new float[width * height * depth];
        var inside = new byte[values.Length];
        for (var i = 0; i < volume.Voxels.Length; i++)
        {
            var (x, y, z) = (i % volume.Width, i / volume.Width % volume.Height, i / volume.Width / volume.Height);
            var to = ((((z + atZ) * height) + y + atY) * width) + x + atX;
            (values[to], inside[to]) = (volume.Voxels[i], mask.Voxels[i]);
        }

        return (RadiomicsData.ToVolume(values, width, height, depth), new Mask(inside, width, height, depth));
    }

    private static (Volume Volume, Mask Mask) TurnAroundZ(Volume volume, Mask mask)
    {
        var (width, height, depth) = (volume.Height, volume.Width, volume.Depth);
        var values = new float[volume.Voxels.Length];
        var inside = new byte[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var (x, y, z) = (i % volume.Width, i / volume.Width % volume.Height, i / volume.Width / volume.Height);
            var to = (((z * height) + x) * width) + (width - 1 - y);
            (values[to], inside[to]) = (volume.Voxels[i], mask.Voxels[i]);
        }

        return (RadiomicsData.ToVolume(values, width, height, depth), new Mask(inside, width, height, depth));
    }

    private static void AssertClose(string name, double? expected, double? actual, double tolerance)
    {
        Assert.Equal(expected is null, actual is null);
        Assert.True(
            expected is null || Math.Abs(actual!.Value - expected.Value) <= (tolerance * Math.Abs(expected.Value)) + 1e-12,
            $"{name}: {actual:R} instead of {expected:R}");
    }
}
