using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Segmentation;

/// <param name="Voxels">Voxels inside.</param>
/// <param name="AreaMm2">Area in the slice where it is largest.</param>
/// <param name="MaxDiameterMm">The longest straight line inside any one slice's convex hull, from edge to edge of the pixels.</param>
/// <param name="VolumeMm3">Voxels × voxel volume; null where the slice thickness is unknown.</param>
public sealed record MaskMeasurement(long Voxels, double AreaMm2, double MaxDiameterMm, double? VolumeMm3);

/// <summary>Size of a region from its mask and spacing.</summary>
public static class MaskMeasurements
{
    /// <param name="mask">Not empty.</param>
    /// <param name="inPlane">Distance of pixel centres in mm.</param>
    /// <param name="sliceThickness">Distance of slices in mm, or the thickness of a single one; null where unknown.</param>
    /// <exception cref="ArgumentException">The mask is empty, or a distance is not positive.</exception>
    public static MaskMeasurement Measure(Mask mask, (double X, double Y) inPlane, double? sliceThickness)
    {
        if (!(inPlane.X > 0 && inPlane.Y > 0) || sliceThickness <= 0)
        {
            throw new ArgumentException($"Spacing is positive, not {inPlane} and {sliceThickness}.", nameof(inPlane));
        }

        long voxels = 0, largest = 0;
        var diameter = 0.0;
        for (var z = 0; z < mask.Depth; z++)
        {
            var slice = mask.Slice(z);
            var count = slice.Length - System.MemoryExtensions.Count(slice, (byte)0);
            if (count == 0)
            {
                continue;
            }

            voxels += count;
            largest = Math.Max(largest, count);
            diameter = Math.Max(diameter, ConvexHull.Of(Corners(slice, mask.Width, inPlane)).Diameter());
        }

        if (voxels == 0)
        {
            throw new ArgumentException("An empty mask has no size.", nameof(mask));
        }

        var pixelArea = inPlane.X * inPlane.Y;
        return new MaskMeasurement(voxels, largest * pixelArea, diameter, voxels * pixelArea * sliceThickness);
    }

    // The hull needs only the outermost corners of each row, and rows come in order.
    private static List<(double X, double Y)> Corners(ReadOnlySpan<byte> slice, int width, (double X, double Y) spacing)
    {
        List<(double X, double Y)> corners = [];
        for (var y = 0; y * width < slice.Length; y++)
        {
            var row = slice.Slice(y * width, width);
            var first = row.IndexOfAnyExcept((byte)0);
            if (first < 0)
            {
                continue;
            }

            var (left, right) = (first * spacing.X, (row.LastIndexOfAnyExcept((byte)0) + 1) * spacing.X);
            corners.Add((left, y * spacing.Y));
            corners.Add((right, y * spacing.Y));
            corners.Add((left, (y + 1) * spacing.Y));
            corners.Add((right, (y + 1) * spacing.Y));
        }

        return corners;
    }
}
