using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Segmentation;

/// <summary>Size of a region in the patient. An empty region measures 0 and has no box.</summary>
/// <param name="AreaMm2">Of the slice on which the region is largest.</param>
/// <param name="AreaSlice">That slice; the first of several.</param>
/// <param name="MaxDiameterMm">Largest distance between two points of the region on one slice, over all slices.</param>
/// <param name="Box">Around the region over all slices, in pixels.</param>
/// <param name="FirstSlice">First slice that holds the region; null where it is empty.</param>
/// <param name="LastSlice">Last slice that holds the region.</param>
/// <param name="VolumeMm3">Null where the slice distance is unknown.</param>
/// <param name="MaxDiameter3DMm">Largest distance between two points of the region; null where the slice distance is unknown.</param>
public sealed record MaskMeasurement(
    double AreaMm2,
    int AreaSlice,
    double MaxDiameterMm,
    BoundingBox? Box,
    int? FirstSlice,
    int? LastSlice,
    long VoxelCount,
    double? VolumeMm3,
    double? MaxDiameter3DMm);

/// <summary>
/// Measures regions as the union of their voxels' boxes: areas, volumes and diameters then agree, and a region of one pixel
/// is as long as the pixel's diagonal. Diameters are exact for that union.
/// </summary>
public static class MaskMeasurements
{
    /// <param name="inPlane">Distance of pixel centres along a row (X) and along a column (Y), mm.</param>
    /// <param name="sliceDistance">Distance of slice centres, or the thickness of a single slice, mm; null where unknown.</param>
    /// <exception cref="ArgumentOutOfRangeException">A spacing is not a positive finite number.</exception>
    public static MaskMeasurement Measure(Mask mask, (double X, double Y) inPlane, double? sliceDistance = null)
    {
        ThrowUnlessLength(inPlane.X, nameof(inPlane));
        ThrowUnlessLength(inPlane.Y, nameof(inPlane));
        ThrowUnlessLength(sliceDistance ?? 1, nameof(sliceDistance));

        long voxels = 0, largest = 0;
        var largestSlice = 0;
        int left = int.MaxValue, top = int.MaxValue, right = 0, bottom = 0;
        int? first = null;
        var last = 0;
        var diameter = 0.0;
        var hulls = new CornerHull[mask.Depth];
        for (var z = 0; z < mask.Depth; z++)
        {
            var slice = mask.Slice(z);
            var count = slice.Length - slice.Count((byte)0);
            if (count == 0)
                continue;
            voxels += count;
            first ??= z;
            last = z;
            if (count > largest)
                (largest, largestSlice) = (count, z);
            var hull = hulls[z] = CornerHull.Of(slice, mask.Width);
            (left, top) = (Math.Min(left, hull.Left), Math.Min(top, hull.Top));
            (right, bottom) = (Math.Max(right, hull.Right), Math.Max(bottom, hull.Bottom));
            diameter = Math.Max(diameter, hull.Diameter(inPlane.X, inPlane.Y));
        }

        return new MaskMeasurement(
            largest * inPlane.X * inPlane.Y,
            largestSlice,
            diameter,
            voxels == 0 ? null : new BoundingBox(left, top, right, bottom),
            first,
            first is null ? null : last,
            voxels,
            sliceDistance is { } distance ? voxels * inPlane.X * inPlane.Y * distance : null,
            sliceDistance is { } z0 ? SolidDiameter.Of(hulls, inPlane.X, inPlane.Y, z0) : null);
    }

    /// <inheritdoc cref="Measure(Mask, ValueTuple{double, double}, double?)"/>
    /// <param name="depthKnown">Whether the spacing's Z was stated; if not, there is no volume.</param>
    public static MaskMeasurement Measure(Mask mask, VoxelSpacing spacing, bool depthKnown = true) =>
        Measure(mask, (spacing.X, spacing.Y), depthKnown ? spacing.Z : null);

    private static void ThrowUnlessLength(double value, string name)
    {
        if (!(value > 0 && double.IsFinite(value)))
            throw new ArgumentOutOfRangeException(name, value, "A spacing must be a positive number of millimetres.");
    }
}
