using System.Buffers;

namespace TumorFunctions.Core.Radiomics;

/// <summary>
/// Size and shape of a region within one slice, from its outline by marching squares (PyRadiomics' shape2D documentation). Two
/// diagonal pixels of a square stay apart, as in three dimensions.
/// </summary>
internal static class PlanarShapeFeatures
{
    public static readonly FeatureDefinition[] Definitions =
    [
        new("shape2D_MeshSurface", null),
        new("shape2D_PixelSurface", null),
        new("shape2D_Perimeter", null),
        new("shape2D_PerimeterSurfaceRatio", null),
        new("shape2D_Sphericity", null),
        new("shape2D_MaximumDiameter", null),
        new("shape2D_MajorAxisLength", null),
        new("shape2D_MinorAxisLength", null),
        new("shape2D_Elongation", null),
    ];

    /// <summary>
    /// Inside area of a square in pixels by configuration: bits 0 to 3 are the corners (0,0), (1,0), (0,1), (1,1).
    /// </summary>
    private static ReadOnlySpan<double> Area =>
        [0, 0.125, 0.125, 0.5, 0.125, 0.5, 0.25, 0.875, 0.125, 0.25, 0.5, 0.875, 0.5, 0.875, 0.875, 1];

    /// <param name="region">A region of depth 1.</param>
    /// <returns>A value for each of <see cref="Definitions"/>; NaN where it is not defined.</returns>
    public static double[] Compute(Region region)
    {
        var counts = CountSquares(region, out var diameter);
        var (sx, sy) = (region.Spacing.X, region.Spacing.Y);
        var slanted = Math.Sqrt((sx * sx) + (sy * sy)) / 2;
        double area = 0, perimeter = 0;
        for (var c = 1; c < 16; c++)
        {
            area += counts[c] * Area[c];
            perimeter += counts[c] * c switch
            {
                3 or 12 => sx,
                5 or 10 => sy,
                6 or 9 => 2 * slanted,
                15 => 0,
                _ => slanted,
            };
        }

        area *= region.Spacing.PixelArea;
        var axes = PrincipalAxes.Of(region, sample: false);
        return
        [
            area,
            region.VoxelCount * region.Spacing.PixelArea,
            perimeter,
            perimeter / area,
            2 * Math.Sqrt(Math.PI * area) / perimeter,
            diameter,
            4 * Math.Sqrt(axes.Major),
            4 * Math.Sqrt(axes.Minor),
            Math.Sqrt(axes.Minor / axes.Major),
        ];
    }

    private static long[] CountSquares(Region region, out double diameter)
    {
        var (width, height) = (region.Width + 2, region.Height + 2);
        var pixels = ArrayPool<byte>.Shared.Rent(width * height);
        pixels.AsSpan(0, width * height).Clear();
        foreach (var run in region.Runs)
        {
            pixels.AsSpan(((run.Y + 1) * width) + run.X + 1, run.Length).Fill(1);
        }

        var counts = new long[16];
        using var extents = new SurfaceExtents(region.Width, region.Height, 1);
        for (var y = 0; y < height - 1; y++)
        {
            var row = pixels.AsSpan(y * width, width);
            var below = pixels.AsSpan((y + 1) * width, width);
            for (var x = 0; x < width - 1; x++)
            {
                var configuration = row[x] | (row[x + 1] << 1) | (below[x] << 2) | (below[x + 1] << 3);
                counts[configuration]++;
                if (configuration is 0 or 15)
                {
                    continue;
                }

                if (row[x] != row[x + 1])
                {
                    extents.Add(2 * x, (2 * y) - 1, 1);
                }

                if (row[x] != below[x])
                {
                    extents.Add((2 * x) - 1, 2 * y, 1);
                }
            }
        }

        ArrayPool<byte>.Shared.Return(pixels);
        diameter = Diameters.Of(extents, region.Spacing).Slice;
        return counts;
    }
}
