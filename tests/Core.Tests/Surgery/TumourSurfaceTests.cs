using System.Globalization;
using System.Numerics;
using System.Text;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Meshes;
using TumorFunctions.Core.Surgery;

namespace TumorFunctions.Core.Tests.Surgery;

public sealed class TumourSurfaceTests
{
    // A sphere of 20 voxels across spacing x in mm; then one of 20 voxels along every axis, an ellipsoid in mm.
    [Theory]
    [InlineData(1, 1, 1, false)]
    [InlineData(0.8, 0.8, 1.5, false)]
    [InlineData(0.5, 0.7, 1, false)]
    [InlineData(0.5, 0.5, 2, false)]
    [InlineData(0.7, 0.9, 1.4, true)]
    [InlineData(0.5, 0.5, 5, true)]
    public void A_sphere_keeps_its_volume_and_area(double x, double y, double z, bool inVoxels)
    {
        VoxelSpacing spacing = new(x, y, z);
        double radius = 20 * x;
        Vector3 halves = inVoxels ? new((float)radius, (float)(20 * y), (float)(20 * z)) : new((float)radius);
        Mask mask = SurfaceChecks.Ellipsoid(45, 45, 45, spacing, halves);
        TriangleMesh mesh = TumourSurface.Build(mask, spacing).Closed();
        double volume = mesh.Volume() / (4.0 / 3 * Math.PI * halves.X * halves.Y * halves.Z);
        double area = mesh.Area() / SurfaceChecks.EllipsoidArea(halves);
        Assert.True(volume is > 0.98 and < 1.02, $"volume {volume}, area {area}");
        Assert.True(area is > 0.97 and < 1.03, $"volume {volume}, area {area}");
    }

    [Theory]
    [InlineData(1, 9, 8, 7, 0.5)]
    [InlineData(2, 20, 20, 6, 0.9)]
    [InlineData(3, 12, 12, 12, 0.1)]
    [InlineData(4, 5, 5, 5, 1)]
    [InlineData(5, 1, 1, 2, 1)]
    public void Any_mask_gives_a_closed_surface_of_its_volume(int seed, int width, int height, int depth, double share)
    {
        Mask mask = SurfaceChecks.Random(seed, width, height, depth, share);
        VoxelSpacing spacing = new(0.8, 0.9, 2.5);
        TriangleMesh mesh = TumourSurface.Build(mask, spacing).Closed();
        double cut = MaskMesher.Build(mask, spacing).Volume(), whole = mask.Voxels.Count(inside => inside != 0) * spacing.VoxelVolume;
        double expected = whole <= 1.1 * cut ? whole : cut;
        Assert.InRange(mesh.Volume() / expected, 0.999, 1.001);
        Assert.All(mesh.Vertices, v => Assert.True(float.IsFinite(v.X + v.Y + v.Z)));
    }

    [Theory]
    [InlineData(1, 9, 8, 0.5)]
    [InlineData(2, 30, 20, 0.9)]
    [InlineData(3, 12, 12, 0.1)]
    [InlineData(4, 5, 5, 1)]
    [InlineData(5, 1, 1, 1)]
    public void A_slice_is_extruded_by_its_thickness(int seed, int width, int height, double share)
    {
        Mask mask = SurfaceChecks.Random(seed, width, height, 1, share);
        TriangleMesh mesh = TumourSurface.Build(mask, new VoxelSpacing(0.5, 0.7, 6)).Closed();
        Assert.Equal(3f, mesh.Vertices.Max(v => v.Z));
        Assert.Equal(-3f, mesh.Vertices.Min(v => v.Z));
        Assert.True(mesh.Volume() > 0);
    }

    [Fact]
    public void A_disc_keeps_its_area_and_gets_a_smooth_edge()
    {
        VoxelSpacing spacing = new(0.5, 0.8, 6);
        Mask mask = SurfaceChecks.Ellipsoid(101, 101, 1, spacing, new Vector3(16));
        double exact = Math.PI * 16 * 16;
        TriangleMesh mesh = TumourSurface.Build(mask, spacing).Closed();
        Assert.InRange(mesh.Volume() / (exact * 6), 0.98, 1.02);
        double wall = (mesh.Area() - (2 * mesh.Volume() / 6)) / 6;
        Assert.InRange(wall / (2 * Math.PI * 16), 0.97, 1.03);
    }

    [Fact]
    public void Normals_point_outwards()
    {
        VoxelSpacing spacing = new(1, 1, 1);
        TriangleMesh mesh = TumourSurface.Build(SurfaceChecks.Ellipsoid(25, 25, 25, spacing, new Vector3(10)), spacing);
        Vector3[] normals = TumourSurface.Normals(mesh);
        Assert.All(Enumerable.Range(0, normals.Length), v =>
        {
            Assert.Equal(1, normals[v].Length(), 3);
            Assert.True(Vector3.Dot(normals[v], Vector3.Normalize(mesh.Vertices[v] - new Vector3(12))) > 0.85);
        });
    }

    [Fact]
    public void An_empty_mask_and_a_bad_spacing_are_refused()
    {
        Assert.Throws<ArgumentException>(() => TumourSurface.Build(Mask.Empty(3, 3, 3), new VoxelSpacing(1, 1, 1)));
        foreach (int depth in new[] { 1, 2 })
        {
            Mask mask = SurfaceChecks.Random(1, 3, 3, depth, 1);
            Assert.Throws<ArgumentException>(() => TumourSurface.Build(mask, new VoxelSpacing(1, 1, double.NaN)));
            Assert.Throws<ArgumentException>(() => TumourSurface.Build(mask, new VoxelSpacing(0, 1, 1)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    public void The_texture_shows_the_image_where_the_surface_lies(int depth)
    {
        VoxelSpacing spacing = new(0.5, 0.7, 2);
        Mask mask = SurfaceChecks.Ellipsoid(40, 30, depth, spacing, new Vector3(7));
        Random random = new(3);
        float[] values = [.. Enumerable.Range(0, mask.Voxels.Length).Select(_ => (float)random.Next(256))];
        Volume volume = new(values, 40, 30, depth) { Format = ImageFormat.Png, BitsPerSample = 8 };
        SurfaceTexture texture = SurfaceTexture.Create(volume, mask, spacing);
        for (int view = 0; view < SurfaceTexture.Views; view++)
        {
            foreach ((int x, int y, int z) in FirstVoxels(mask, view))
            {
                Vector3 place = new((float)(x * spacing.X), (float)(y * spacing.Y), (float)(z * spacing.Z));
                (double u, double v) = texture.Map(place, view);
                int texel = ((int)((1 - v) * texture.Height) * texture.Width) + (int)(u * texture.Width);
                Assert.Equal(values[(((z * 30) + y) * 40) + x], texture.Pixels[texel]);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    public void The_file_holds_the_mesh_with_normals_and_coordinates(int depth)
    {
        VoxelSpacing spacing = new(0.5, 0.7, 2);
        Mask mask = SurfaceChecks.Ellipsoid(40, 30, depth, spacing, new Vector3(7));
        Volume volume = new(new float[mask.Voxels.Length], 40, 30, depth) { Format = ImageFormat.Png, BitsPerSample = 8 };
        TriangleMesh mesh = TumourSurface.Build(mask, spacing);
        using MemoryStream file = new();
        ObjWriter.Write(file, mesh, SurfaceTexture.Create(volume, mask, spacing), ["one\ntwo", "三"]);
        string[] lines = Encoding.UTF8.GetString(file.ToArray()).Split('\n');
        Assert.Equal(["# one two", "# 三"], lines[..2]);

        double[][] Rows(string keyword) => [.. lines.Where(line => line.StartsWith(keyword + " ", StringComparison.Ordinal))
            .Select(line => line.Split(' ')[1..].Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray())];
        double[][] vertices = Rows("v"), normals = Rows("vn"), coordinates = Rows("vt");
        Assert.Equal(mesh.Vertices.Length, vertices.Length);
        Assert.All(Enumerable.Range(0, vertices.Length), i =>
            Assert.True((new Vector3((float)vertices[i][0], (float)vertices[i][1], (float)vertices[i][2]) - mesh.Vertices[i]).Length() < 2e-5));
        Assert.All(normals, n => Assert.Equal(1, Math.Sqrt(n.Sum(part => part * part)), 3));
        Assert.All(coordinates, c => Assert.All(c, part => Assert.InRange(part, 0, 1)));

        int[][] corners = [.. lines.Where(line => line.StartsWith("f ", StringComparison.Ordinal))
            .SelectMany(line => line.Split(' ')[1..]).Select(corner => corner.Split('/').Select(int.Parse).ToArray())];
        Assert.Equal(mesh.Indices, corners.Select(corner => corner[0] - 1));
        Assert.All(corners, corner => Assert.Equal(corner[0], corner[2]));
        Assert.All(corners, corner => Assert.InRange(corner[1], 1, coordinates.Length));
    }

    private static IEnumerable<(int X, int Y, int Z)> FirstVoxels(Mask mask, int view)
    {
        var inside = Enumerable.Range(0, mask.Voxels.Length).Where(i => mask.Voxels[i] != 0)
            .Select(i => (X: i % mask.Width, Y: i / mask.Width % mask.Height, Z: i / mask.Width / mask.Height)).ToArray();
        int sign = view % 2 == 0 ? 1 : -1;
        return (view / 2) switch
        {
            0 => inside.GroupBy(v => (v.Y, v.Z)).Select(line => line.MinBy(v => sign * v.X)),
            1 => inside.GroupBy(v => (v.X, v.Z)).Select(line => line.MinBy(v => sign * v.Y)),
            _ => inside.GroupBy(v => (v.X, v.Y)).Select(line => line.MinBy(v => sign * v.Z)),
        };
    }
}
