using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Surgery;

/// <summary>What is left and how hard it is. Volumes in mm³, lengths in mm.</summary>
/// <param name="Volume">Of the tumour; null where the slice distance is unknown.</param>
/// <param name="ResidualShare">Share of the voxels left behind, as near to the plan as whole voxels come.</param>
/// <param name="Depth">From the head's surface along the approach to the tumour.</param>
/// <param name="Reach">From there to the deepest voxel that is removed; <paramref name="Depth"/> where none is.</param>
/// <param name="EdgeDistance">From the tumour to the brain's edge; null where the image does not show it.</param>
/// <param name="SurfaceCutOff">Whether the image ends before the head does, so that depth is only a lower bound.</param>
/// <param name="IsBrainApart">Whether the brain could be told from the rest of the head; if not, its edge is that of the head.</param>
/// <param name="ScoredVolume">The volume that the score uses.</param>
/// <param name="Residual">The mask of what is left.</param>
public sealed record SurgicalSimulation(
    double? Volume,
    double? ResidualVolume,
    double ResidualShare,
    double Depth,
    double Reach,
    double? EdgeDistance,
    bool SurfaceCutOff,
    bool IsBrainApart,
    double ScoredVolume,
    SurgicalScore Score,
    Mask Residual);

/// <summary>Removes the planned share of a tumour layer by layer from the side of the approach.</summary>
public static class ResectionSimulator
{
    /// <param name="spacing">Z is any positive number where <paramref name="thicknessKnown"/> is false.</param>
    /// <param name="thicknessKnown">
    /// If not, there are no volumes, and the score takes the sphere that has the largest cross-section of the mask.
    /// </param>
    /// <param name="direction">Unit vector along the voxel axes from the entry towards the tumour, as an approach gives it.</param>
    /// <param name="resection">Planned share, 0 to 1.</param>
    /// <exception cref="ArgumentException">The mask is empty or on another grid, or a number is out of bounds.</exception>
    public static SurgicalSimulation Simulate(
        Volume volume, Mask tumour, VoxelSpacing spacing, bool thicknessKnown, (double X, double Y, double Z) direction, double resection)
    {
        ArgumentNullException.ThrowIfNull(volume);
        ArgumentNullException.ThrowIfNull(tumour);
        if ((tumour.Width, tumour.Height, tumour.Depth) != (volume.Width, volume.Height, volume.Depth))
            throw new ArgumentException("The mask is not on the grid of the volume.", nameof(tumour));
        if (tumour.IsEmpty)
            throw new ArgumentException("An empty mask cannot be operated on.", nameof(tumour));
        if (!(resection is >= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(resection), resection, "A share lies between 0 and 1.");

        int[] voxels = [.. Enumerable.Range(0, tumour.Voxels.Length).Where(i => tumour.Voxels[i] != 0)];
        double[] along = [.. voxels.Select(i => Dot(PlaceOf(i, tumour, spacing), direction))];
        int removed = (int)Math.Round(resection * voxels.Length);
        int[] order = [.. Enumerable.Range(0, voxels.Length)];
        Array.Sort((double[])along.Clone(), order);
        byte[] left = (byte[])tumour.Voxels.Clone();
        for (int i = 0; i < removed; i++)
            left[voxels[order[i]]] = 0;

        // Straight in to the tumour's centre; where that lies outside a bent tumour the way starts at its near side all the same.
        (double X, double Y, double Z) centre = Centre(voxels, tumour, spacing);
        HeadModel head = new(volume, tumour, spacing);
        (double toCentre, bool cutOff) = head.WayOut(centre, direction);
        double surface = Dot(centre, direction) - toCentre;
        double near = Math.Max(0, along[order[0]] - surface);
        double reach = removed == 0 ? near : Math.Max(near, along[order[removed - 1]] - surface);
        double? edge = head.DistanceToBrainEdge();

        double? full = thicknessKnown ? voxels.Length * spacing.VoxelVolume : null;
        double scored = full ?? SphereOver(tumour, spacing);
        return new SurgicalSimulation(
            full,
            full is null ? null : (voxels.Length - removed) * spacing.VoxelVolume,
            (double)(voxels.Length - removed) / voxels.Length,
            near,
            reach,
            edge,
            cutOff,
            head.IsBrainApart,
            scored,
            SurgicalScore.Of(scored, near, edge ?? 0, resection),
            new Mask(left, tumour.Width, tumour.Height, tumour.Depth));
    }

    private static double SphereOver(Mask mask, VoxelSpacing spacing)
    {
        int largest = Enumerable.Range(0, mask.Depth).Max(z => mask.Slice(z).Length - mask.Slice(z).Count((byte)0));
        double radius = Math.Sqrt(largest * spacing.PixelArea / Math.PI);
        return 4.0 / 3 * Math.PI * radius * radius * radius;
    }

    private static (double X, double Y, double Z) Centre(int[] voxels, Mask mask, VoxelSpacing spacing)
    {
        (double x, double y, double z) = (0, 0, 0);
        foreach (int voxel in voxels)
        {
            (double px, double py, double pz) = PlaceOf(voxel, mask, spacing);
            (x, y, z) = (x + px, y + py, z + pz);
        }

        return (x / voxels.Length, y / voxels.Length, z / voxels.Length);
    }

    private static (double X, double Y, double Z) PlaceOf(int voxel, Mask mask, VoxelSpacing spacing) => (
        voxel % mask.Width * spacing.X, voxel / mask.Width % mask.Height * spacing.Y, voxel / mask.Width / mask.Height * spacing.Z);

    private static double Dot((double X, double Y, double Z) a, (double X, double Y, double Z) b) => (a.X * b.X) + (a.Y * b.Y) + (a.Z * b.Z);
}
