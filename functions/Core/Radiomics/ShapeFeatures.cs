using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Meshes;

namespace TumorFunctions.Core.Radiomics;

/// <summary>
/// Size and shape of a region from its surface mesh and its voxel centres (PyRadiomics' shape documentation; IBSI-1 section 3.1).
/// No mesh is built: what a marching cube adds to area and volume depends on its configuration alone.
/// </summary>
internal static class ShapeFeatures
{
    public static readonly FeatureDefinition[] Definitions =
    [
        new("shape_MeshVolume", "morph_volume"),
        new("shape_VoxelVolume", "morph_vol_approx"),
        new("shape_SurfaceArea", "morph_area_mesh"),
        new("shape_SurfaceVolumeRatio", "morph_av"),
        new("shape_Sphericity", "morph_sphericity"),
        new("shape_Maximum3DDiameter", "morph_diam"),
        new("shape_Maximum2DDiameterSlice", null),
        new("shape_Maximum2DDiameterColumn", null),
        new("shape_Maximum2DDiameterRow", null),
        new("shape_MajorAxisLength", "morph_pca_maj_axis"),
        new("shape_MinorAxisLength", "morph_pca_min_axis"),
        new("shape_LeastAxisLength", "morph_pca_least_axis"),
        new("shape_Elongation", "morph_pca_elongation"),
        new("shape_Flatness", "morph_pca_flatness"),
        new(null, "morph_comp_1"),
        new(null, "morph_comp_2"),
        new(null, "morph_sph_dispr"),
        new(null, "morph_asphericity"),
        new(null, "morph_vol_dens_aabb"),
        new(null, "morph_area_dens_aabb"),
        new(null, "morph_vol_dens_aee"),
    ];

    /// <returns>A value for each of <see cref="Definitions"/>; NaN where it is not defined.</returns>
    public static double[] Compute(Region region)
    {
        using var bits = new BitMask(region.Width, region.Height, region.Depth);
        foreach (var run in region.Runs)
        {
            bits.SetRun(run.X, run.Y, run.Z, run.Length);
        }

        using var extents = new SurfaceExtents(region.Width, region.Height, region.Depth);
        var surface = new SurfaceVisitor(extents, new CubeMeasures(region.Spacing));
        bits.VisitSurface(ref surface);
        var (area, volume) = surface.Totals();
        var diameters = Diameters.Of(extents, region.Spacing);
        var axes = PrincipalAxes.Of(region);
        var sphere = Math.Cbrt(36 * Math.PI * volume * volume);
        var box = region.Spacing;
        // The outermost vertices are the faces of the outermost voxels.
        var (lx, ly, lz) = (region.Width * box.X, region.Height * box.Y, region.Depth * box.Z);
        return
        [
            volume,
            region.VoxelCount * region.Spacing.VoxelVolume,
            area,
            area / volume,
            sphere / area,
            diameters.Any,
            diameters.Slice,
            diameters.Column,
            diameters.Row,
            4 * Math.Sqrt(axes.Major),
            4 * Math.Sqrt(axes.Minor),
            4 * Math.Sqrt(axes.Least),
            Math.Sqrt(axes.Minor / axes.Major),
            Math.Sqrt(axes.Least / axes.Major),
            volume / (Math.Sqrt(Math.PI) * Math.Pow(area, 1.5)),
            36 * Math.PI * volume * volume / (area * area * area),
            area / sphere,
            (area / sphere) - 1,
            volume / (lx * ly * lz),
            area / (2 * ((lx * ly) + (lx * lz) + (ly * lz))),
            3 * volume / (32 * Math.PI * Math.Sqrt(axes.Major * axes.Minor * axes.Least)),
        ];
    }

    /// <summary>What each configuration adds.</summary>
    private sealed class CubeMeasures
    {
        public CubeMeasures(VoxelSpacing spacing)
        {
            for (var c = 0; c < MarchingCubes.Configurations; c++)
            {
                var edges = MarchingCubes.Triangles(c);
                for (var t = 0; t < edges.Length; t += 3)
                {
                    var (a, b, d) = (MarchingCubes.Midpoint(edges[t]), MarchingCubes.Midpoint(edges[t + 1]), MarchingCubes.Midpoint(edges[t + 2]));
                    var (ux, uy, uz) = ((b.X - a.X) / 2.0, (b.Y - a.Y) / 2.0, (b.Z - a.Z) / 2.0);
                    var (vx, vy, vz) = ((d.X - a.X) / 2.0, (d.Y - a.Y) / 2.0, (d.Z - a.Z) / 2.0);
                    var (nx, ny, nz) = ((uy * vz) - (uz * vy), (uz * vx) - (ux * vz), (ux * vy) - (uy * vx));
                    var (mx, my, mz) = (nx * spacing.Y * spacing.Z, ny * spacing.X * spacing.Z, nz * spacing.X * spacing.Y);
                    Area[c] += Math.Sqrt((mx * mx) + (my * my) + (mz * mz)) / 2;
                    Flux[c] += nz / 2;
                    Moment[c] += nz / 2 * (a.Z + b.Z + d.Z) / 6.0;
                }
            }

            Voxel = spacing.VoxelVolume;
        }

        /// <summary>Area in mm².</summary>
        public double[] Area { get; } = new double[MarchingCubes.Configurations];

        /// <summary>∫ n_z dA and ∫ z n_z dA in units of voxels, z from the cube's own bottom.</summary>
        public double[] Flux { get; } = new double[MarchingCubes.Configurations];

        public double[] Moment { get; } = new double[MarchingCubes.Configurations];

        public double Voxel { get; }
    }

    /// <summary>Counts configurations in each layer of cubes and notes where the vertices are.</summary>
    private struct SurfaceVisitor(SurfaceExtents extents, CubeMeasures measures) : ICubeVisitor
    {
        private readonly long[] _layer = new long[MarchingCubes.Configurations];
        private int _z = -1;
        private double _area;
        private double _volume;

        public void Visit(int x, int y, int z, int configuration)
        {
            if (z != _z)
            {
                FinishLayer();
                _z = z;
            }

            _layer[configuration]++;
            // Of its edges a cube notes those at corner 0; the others are at corner 0 of a neighbour.
            var cut = (configuration & 1) == 0 ? configuration : ~configuration;
            if ((cut & 0b10110) == 0)
            {
                return;
            }

            var (px, py, pz) = ((2 * x) + 1, (2 * y) + 1, (2 * z) + 1);
            if ((cut & 2) != 0)
            {
                extents.Add(px + 1, py, pz);
            }

            if ((cut & 4) != 0)
            {
                extents.Add(px, py + 1, pz);
            }

            if ((cut & 16) != 0)
            {
                extents.Add(px, py, pz + 1);
            }
        }

        /// <summary>Volume by the divergence theorem, ∮ z n_z dA.</summary>
        public (double Area, double Volume) Totals()
        {
            FinishLayer();
            return (_area, _volume * measures.Voxel);
        }

        private void FinishLayer()
        {
            for (var c = 1; c < MarchingCubes.Configurations - 1; c++)
            {
                var count = _layer[c];
                _area += count * measures.Area[c];
                _volume += count * (measures.Moment[c] + (_z * measures.Flux[c]));
            }

            Array.Clear(_layer);
        }
    }
}
