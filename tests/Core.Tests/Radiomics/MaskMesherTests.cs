using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Meshes;
using TumorFunctions.Core.Radiomics;

namespace TumorFunctions.Core.Tests.Radiomics;

public class MaskMesherTests
{
    private static readonly VoxelSpacing Spacing = new(0.8, 0.9, 2.5);

    [Theory]
    [InlineData(61, 6, 7, 5, 0.0)]
    [InlineData(62, 6, 7, 5, 0.5)]
    [InlineData(63, 70, 9, 4, 0.3)]
    [InlineData(64, 12, 12, 12, 0.7)]
    [InlineData(65, 63, 3, 2, 0.1)]
    [InlineData(66, 9, 8, 1, 0.2)]
    public void The_surface_is_closed_and_every_edge_has_two_triangles(int seed, int width, int height, int depth, double holes)
    {
        var (_, mask) = RadiomicsData.Random(seed, width, height, depth, holes: holes);
        var mesh = MaskMesher.Build(mask, Spacing);
        Assert.Equal(mesh.Vertices.Length, mesh.Vertices.Distinct().Count());
        Assert.Equal(Enumerable.Range(0, mesh.Vertices.Length), mesh.Indices.Distinct().Order());

        var edges = new HashSet<(int From, int To)>();
        for (var t = 0; t < mesh.Indices.Length; t += 3)
        {
            foreach (var (a, b) in new[] { (0, 1), (1, 2), (2, 0) })
            {
                Assert.True(
                    edges.Add((mesh.Indices[t + a], mesh.Indices[t + b])), "Two triangles run the same way along an edge.");
            }
        }

        Assert.All(edges, e => Assert.Contains((e.To, e.From), edges));
    }

    [Fact]
    public void All_ways_to_fill_a_cube_give_a_closed_surface()
    {
        for (var corners = 1; corners < 256; corners++)
        {
            var mask = new Mask([.. Enumerable.Range(0, 8).Select(c => (byte)((corners >> c) & 1))], 2, 2, 2);
            var mesh = MaskMesher.Build(mask, new VoxelSpacing(1, 1, 1));
            var edges = Enumerable.Range(0, mesh.Indices.Length)
                .Select(i => (mesh.Indices[i], mesh.Indices[(i % 3 == 2) ? i - 2 : i + 1])).ToHashSet();
            Assert.Equal(mesh.Indices.Length, edges.Count);
            Assert.All(edges, e => Assert.Contains((e.Item2, e.Item1), edges));
            Assert.InRange(mesh.Volume(), 1.0 / 6, 8);
        }
    }

    [Theory]
    [InlineData(67, 0.0)]
    [InlineData(68, 0.4)]
    public void Radiomics_measures_the_same_surface_without_building_it(int seed, double holes)
    {
        var (volume, mask) = RadiomicsData.Random(seed, 66, 13, 8, holes: holes);
        var mesh = MaskMesher.Build(mask, Spacing);
        var result = RadiomicsExtractor.Extract(
            volume, mask, Spacing, new RadiomicsOptions { Convention = RadiomicsConvention.Ibsi });
        Assert.Equal(1, mesh.Volume() / result["morph_volume"].Value!.Value, 5);
        Assert.Equal(1, mesh.Area() / result["morph_area_mesh"].Value!.Value, 5);
        Assert.True(mesh.Volume() > 0);
    }

    [Fact]
    public void Voxel_zero_lies_at_the_origin()
    {
        var mask = Mask.Empty(3, 3, 3);
        mask.Voxels[0] = 1;
        var mesh = MaskMesher.Build(mask, new VoxelSpacing(2, 4, 6));
        Assert.Equal(8, mesh.TriangleCount);
        Assert.Equal(6, mesh.Vertices.Length);
        Assert.Equal(1f, mesh.Vertices.Max(v => v.X));
        Assert.Equal(-2f, mesh.Vertices.Min(v => v.Y));
        Assert.Equal(3f, mesh.Vertices.Max(v => v.Z));
        Assert.Equal(2 * 4 * 6 / 6.0, mesh.Volume(), 5);
    }

    [Fact]
    public void An_empty_mask_has_no_surface_and_a_spacing_must_be_positive()
    {
        var mesh = MaskMesher.Build(Mask.Empty(4, 4, 4), Spacing);
        Assert.Empty(mesh.Indices);
        Assert.Empty(mesh.Vertices);
        Assert.Throws<ArgumentException>(() => MaskMesher.Build(Mask.Empty(4, 4), new VoxelSpacing(1, -1, 1)));
    }
}
