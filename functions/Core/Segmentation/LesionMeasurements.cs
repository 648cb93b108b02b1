using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Segmentation;

/// <summary>Size of one connected part of a mask.</summary>
/// <param name="VolumeMm3">Null where the slice distance is unknown.</param>
/// <param name="MaxDiameterMm">
/// Largest distance between two of its points; on one slice where the slice distance is unknown or there is only one.
/// </param>
public sealed record LesionMeasurement(long VoxelCount, VoxelBox Box, double? VolumeMm3, double MaxDiameterMm);

/// <summary>Size of a mask that may hold several lesions.</summary>
/// <param name="AreaMm2">Of the slice on which it is largest.</param>
/// <param name="VolumeMm3">Of all lesions; null where the slice distance is unknown.</param>
/// <param name="MaxDiameterMm">Largest diameter of a lesion: the way from one lesion to another is no diameter.</param>
/// <param name="MiddleSlice">Of the slices that hold the largest lesion the one in the middle.</param>
/// <param name="LesionCount">Number of connected parts.</param>
/// <param name="Lesions">The largest of them, largest first, at most as many as asked for.</param>
public sealed record LesionSizes(
    long VoxelCount,
    double AreaMm2,
    double? VolumeMm3,
    double MaxDiameterMm,
    VoxelBox Box,
    int MiddleSlice,
    int LesionCount,
    IReadOnlyList<LesionMeasurement> Lesions);

/// <summary>Measures a mask lesion by lesion; lengths as <see cref="MaskMeasurements"/> has them.</summary>
public static class LesionMeasurements
{
    /// <param name="sliceDistance">mm; null where unknown.</param>
    /// <param name="listed">How many lesions are told of one by one.</param>
    /// <returns>Null where the mask is empty.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A spacing is not a positive finite number.</exception>
    public static LesionSizes? Measure(Mask mask, (double X, double Y) inPlane, double? sliceDistance, int listed = 32)
    {
        var components = MaskComponents.Find(mask);
        if (components.Items.Count == 0)
            return null;

        var solid = mask.Depth > 1 ? sliceDistance : null;
        var voxel = sliceDistance is { } distance ? inPlane.X * inPlane.Y * distance : (double?)null;
        var lesions = new LesionMeasurement[Math.Min(listed, components.Items.Count)];
        var largest = 0.0;
        foreach (var component in components.Items)
        {
            var isListed = component.Index < lesions.Length;
            if (!isListed && Diagonal(component.Box, inPlane, solid) <= largest)
                continue;

            var measured = MaskMeasurements.Measure(components.Crop(component), inPlane, solid);
            var diameter = measured.MaxDiameter3DMm ?? measured.MaxDiameterMm;
            largest = Math.Max(largest, diameter);
            if (isListed)
                lesions[component.Index] = new LesionMeasurement(component.VoxelCount, component.Box, component.VoxelCount * voxel, diameter);
        }

        var voxels = components.Items.Sum(component => component.VoxelCount);
        return new LesionSizes(
            voxels,
            LargestSlice(mask) * inPlane.X * inPlane.Y,
            voxels * voxel,
            largest,
            Around(components.Items),
            MiddleSlice(components.Crop(components.Items[0])) + components.Items[0].Box.Z0,
            components.Items.Count,
            lesions);
    }

    // No two points of the component are farther apart.
    private static double Diagonal(VoxelBox box, (double X, double Y) inPlane, double? sliceDistance)
    {
        var (x, y, z) = ((box.X1 - box.X0) * inPlane.X, (box.Y1 - box.Y0) * inPlane.Y, (box.Z1 - box.Z0) * (sliceDistance ?? 0));
        return Math.Sqrt((x * x) + (y * y) + (z * z));
    }

    private static long LargestSlice(Mask mask)
    {
        long largest = 0;
        for (var z = 0; z < mask.Depth; z++)
            largest = Math.Max(largest, mask.Slice(z).Length - mask.Slice(z).Count((byte)0));
        return largest;
    }

    private static VoxelBox Around(IReadOnlyList<MaskComponent> components) => components.Select(component => component.Box).Aggregate((a, b) => new VoxelBox(
        Math.Min(a.X0, b.X0), Math.Min(a.Y0, b.Y0), Math.Min(a.Z0, b.Z0), Math.Max(a.X1, b.X1), Math.Max(a.Y1, b.Y1), Math.Max(a.Z1, b.Z1)));

    private static int MiddleSlice(Mask mask)
    {
        var slices = Enumerable.Range(0, mask.Depth).Where(z => mask.Slice(z).ContainsAnyExcept((byte)0)).ToArray();
        return slices[slices.Length / 2];
    }
}
