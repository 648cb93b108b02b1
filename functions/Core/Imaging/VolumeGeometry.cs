namespace TumorFunctions.Core.Imaging;

/// <summary>The grid of an image without its values, and the DICOM objects that it came from.</summary>
public sealed record VolumeGeometry(int Width, int Height, int Depth)
{
    /// <inheritdoc cref="Volume.Spacing"/>
    public VoxelSpacing? Spacing { get; init; }

    /// <inheritdoc cref="Volume.IsSliceDistanceAssumed"/>
    public bool IsSliceDistanceAssumed { get; init; }

    /// <inheritdoc cref="Volume.SliceThickness"/>
    public double? SliceThickness { get; init; }

    /// <inheritdoc cref="Volume.Orientation"/>
    public VolumeOrientation? Orientation { get; init; }

    /// <inheritdoc cref="Volume.Source"/>
    public DicomSource? Source { get; init; }

    /// <summary>Where a voxel's centre lies in the patient, in mm (LPS); null without orientation and spacing.</summary>
    public double[]? PositionOf(int x, int y, int z)
    {
        if (Orientation is not { } o || Spacing is not { } s)
            return null;

        double[] position = new double[3];
        for (int c = 0; c < 3; c++)
            position[c] = o.Origin[c] + (x * s.X * o.Row[c]) + (y * s.Y * o.Column[c]) + (z * s.Z * o.Normal[c]);
        return position;
    }

    /// <summary>
    /// How far apart the same corner voxel lies in two grids of one size, at most, in mm; null where either has no place in the patient.
    /// </summary>
    public double? DistanceTo(VolumeGeometry other)
    {
        double largest = 0;
        for (int corner = 0; corner < 8; corner++)
        {
            int x = (corner & 1) == 0 ? 0 : Width - 1;
            int y = (corner & 2) == 0 ? 0 : Height - 1;
            int z = (corner & 4) == 0 ? 0 : Depth - 1;
            if (PositionOf(x, y, z) is not { } here || other.PositionOf(x, y, z) is not { } there)
                return null;

            double square = 0;
            for (int c = 0; c < 3; c++)
                square += (here[c] - there[c]) * (here[c] - there[c]);
            largest = Math.Max(largest, Math.Sqrt(square));
        }

        return largest;
    }
}
