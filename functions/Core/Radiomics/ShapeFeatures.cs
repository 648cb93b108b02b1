using TumorFunctions.Core.Meshes;

namespace TumorFunctions.Core.Radiomics;

/// <summary>
/// Size and shape of a region from its surface mesh and its voxel centres (PyRadiomics' shape documentation; IBSI-1 section 3.1).
/// No mesh is built: <see cref="SurfaceMeasure"/>.
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

    /// <param name="convention">
    /// PyRadiomics' measures the surface of the classic marching-cubes table and divides covariances by N; IBSI's a closed
    /// surface, and by N − 1.
    /// </param>
    /// <returns>A value for each of <see cref="Definitions"/>; NaN where it is not defined.</returns>
    public static double[] Compute(Region region, RadiomicsConvention convention)
    {
        var ibsi = convention == RadiomicsConvention.Ibsi;
        using var bits = new BitMask(region.Width, region.Height, region.Depth);
        foreach (var run in region.Runs)
        {
            bits.SetRun(run.X, run.Y, run.Z, run.Length);
        }

        using var extents = new SurfaceExtents(region.Width, region.Height, region.Depth);
        var (area, volume) = SurfaceMeasure.Of(bits, region.Spacing, classic: !ibsi, extents);
        var diameters = Diameters.Of(extents, region.Spacing);
        var axes = PrincipalAxes.Of(region, sample: ibsi);
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
}
