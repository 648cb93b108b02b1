namespace TumorFunctions.Core.Imaging;

/// <summary>The plane that slices lie in.</summary>
public enum AnatomicalPlane
{
    Axial,
    Coronal,
    Sagittal,
}

/// <summary>
/// How the axes of a voxel array lie in the patient, and what turns the array into slices as radiologists look at them. Axial
/// slices show the patient's left on the right and the back below; coronal ones the left on the right and the feet below;
/// sagittal ones the back on the right and the feet below; slices follow each other towards head, back or left. Only whole axes
/// are swapped and turned round; nothing is resampled, and a mask finds back to the array it came from.
/// </summary>
public sealed class AnatomicalAxes
{
    /// <summary>
    /// Slices farther apart than so many of their pixels are shown as they were acquired: cut across, they would be bands.
    /// </summary>
    public const double MaxSliceDistance = 1.5;

    // For each axis of the turned array: the array's axis that runs along it, and whether it runs the other way.
    private readonly int[] _axis;
    private readonly bool[] _reversed;
    private readonly int[] _size;

    // Index of a turned voxel = _origin + x·_stride[0] + y·_stride[1] + z·_stride[2].
    private readonly int[] _stride = new int[3];
    private readonly int _origin;

    private AnatomicalAxes(VolumeGeometry geometry, int[] axis, bool[] reversed, AnatomicalPlane? plane)
    {
        _axis = axis;
        _reversed = reversed;
        _size = [geometry.Width, geometry.Height, geometry.Depth];
        Plane = plane;
        int[] strides = [1, geometry.Width, geometry.Width * geometry.Height];
        for (int i = 0; i < 3; i++)
        {
            int stride = strides[axis[i]];
            _stride[i] = reversed[i] ? -stride : stride;
            _origin += reversed[i] ? (_size[axis[i]] - 1) * stride : 0;
        }
    }

    /// <summary>Width, height and depth of the turned array.</summary>
    public (int Width, int Height, int Depth) Size => (_size[_axis[0]], _size[_axis[1]], _size[_axis[2]]);

    /// <summary>What the turned slices show; null where the file is silent on it.</summary>
    public AnatomicalPlane? Plane { get; }

    /// <summary>Whether the array is in order as it is.</summary>
    public bool IsIdentity => _axis is [0, 1, 2] && !Array.Exists(_reversed, r => r);

    /// <summary>Whether the turned slices are slices of the array, whichever way they are turned.</summary>
    public bool KeepsSlices => _axis[2] == 2;

    /// <summary>Axial slices, read off the volume's orientation; without one the axes are taken as they are.</summary>
    public static AnatomicalAxes Of(VolumeGeometry geometry)
    {
        if (geometry.Orientation is not { } orientation)
            return new AnatomicalAxes(geometry, [0, 1, 2], new bool[3], null);

        int[] axis = [0, 1, 2];
        bool[] reversed = new bool[3];
        double[][] directions = [orientation.Row, orientation.Column, orientation.Normal];

        // The clearest alignment is settled first.
        IEnumerable<(int Array, int Anatomical)> pairs = Enumerable.Range(0, 9).Select(i => (i / 3, i % 3));
        HashSet<int> settled = [];
        HashSet<int> used = [];
        foreach ((int array, int anatomical) in pairs.OrderByDescending(p => Math.Abs(directions[p.Array][p.Anatomical])))
        {
            if (settled.Contains(anatomical) || used.Contains(array))
                continue;

            settled.Add(anatomical);
            used.Add(array);
            axis[anatomical] = array;
            reversed[anatomical] = directions[array][anatomical] < 0;
        }

        return new AnatomicalAxes(geometry, axis, reversed, AnatomicalPlane.Axial);
    }

    /// <summary>
    /// The slices that a radiologist would look at: axial ones where the voxels are about as deep as they are wide, else those
    /// that were acquired.
    /// </summary>
    public static AnatomicalAxes ForViewing(VolumeGeometry geometry)
    {
        bool isSolid = geometry is { Depth: > 1, IsSliceDistanceAssumed: false, Spacing: { } s }
            && s.Z <= MaxSliceDistance * Math.Max(s.X, s.Y);
        return isSolid || geometry.Orientation is not { } orientation ? Of(geometry) : OfSlices(geometry, orientation);
    }

    /// <summary>The volume in this order, its geometry with it; the volume itself where it is so already.</summary>
    public Volume Apply(Volume volume)
    {
        if (IsIdentity)
            return volume;

        float[] voxels = new float[volume.Voxels.Length];
        Gather(volume.Voxels, voxels);
        (int width, int height, int depth) = Size;
        VolumeGeometry turned = Apply(volume.Geometry);
        return new Volume(voxels, width, height, depth)
        {
            Format = volume.Format,
            BitsPerSample = volume.BitsPerSample,
            Spacing = turned.Spacing,
            IsSliceDistanceAssumed = turned.IsSliceDistanceAssumed,
            SliceThickness = turned.SliceThickness,
            Orientation = turned.Orientation,
            IntensityUnit = volume.IntensityUnit,
            Window = volume.Window,
            Study = volume.Study,
            Notes = volume.Notes,
        };
    }

    /// <summary>A grid in this order. The objects it came from stay behind: they are slices of the array.</summary>
    public VolumeGeometry Apply(VolumeGeometry geometry)
    {
        (int width, int height, int depth) = Size;
        return new VolumeGeometry(width, height, depth)
        {
            Spacing = geometry.Spacing is { } s ? Apply(s) : null,
            IsSliceDistanceAssumed = geometry.IsSliceDistanceAssumed,
            SliceThickness = KeepsSlices ? geometry.SliceThickness : null,
            Orientation = geometry is { Orientation: { } orientation, Spacing: { } spacing } ? Permute(orientation, spacing) : null,
        };
    }

    /// <summary>The array's spacing along the turned axes.</summary>
    public VoxelSpacing Apply(VoxelSpacing spacing)
    {
        double[] along = [spacing.X, spacing.Y, spacing.Z];
        return new VoxelSpacing(along[_axis[0]], along[_axis[1]], along[_axis[2]]);
    }

    /// <summary>One turned slice of the volume; width × height values.</summary>
    public float[] Slice(Volume volume, int z)
    {
        (int width, int height, _) = Size;
        float[] slice = new float[width * height];
        Slice(volume, z, slice);
        return slice;
    }

    /// <inheritdoc cref="Slice(Volume, int)"/>
    /// <param name="destination">Width × height values.</param>
    public void Slice(Volume volume, int z, Span<float> destination) => GatherSlice(volume.Voxels, z, destination);

    /// <summary>A mask on the volume's array, in this order.</summary>
    public Mask Apply(Mask mask)
    {
        if (IsIdentity)
            return mask;

        byte[] voxels = new byte[mask.Voxels.Length];
        Gather(mask.Voxels, voxels);
        (int width, int height, int depth) = Size;
        return new Mask(voxels, width, height, depth);
    }

    /// <summary>A mask in this order, back on the volume's array.</summary>
    public Mask Restore(Mask mask)
    {
        if (IsIdentity)
            return mask;

        byte[] voxels = new byte[mask.Voxels.Length];
        (int width, int height, int depth) = Size;
        int from = 0;
        for (int z = 0; z < depth; z++)
        {
            for (int y = 0; y < height; y++)
            {
                int to = _origin + (z * _stride[2]) + (y * _stride[1]);
                if (_stride[0] is 1 or -1)
                {
                    Span<byte> row = voxels.AsSpan(_stride[0] == 1 ? to : to - width + 1, width);
                    mask.Voxels.AsSpan(from, width).CopyTo(row);
                    if (_stride[0] == -1)
                        row.Reverse();
                    from += width;
                    continue;
                }

                for (int x = 0; x < width; x++, to += _stride[0])
                    voxels[to] = mask.Voxels[from++];
            }
        }

        return new Mask(voxels, _size[0], _size[1], _size[2]);
    }

    private static AnatomicalAxes OfSlices(VolumeGeometry geometry, VolumeOrientation orientation)
    {
        double[] n = orientation.Normal;
        int across = Math.Abs(n[2]) >= Math.Abs(n[1]) && Math.Abs(n[2]) >= Math.Abs(n[0]) ? 2 : Math.Abs(n[1]) >= Math.Abs(n[0]) ? 1 : 0;

        // What the picture's x and y run along, and y's sense: LPS counts towards the head.
        (int right, int down, int sense, AnatomicalPlane plane) = across switch
        {
            2 => (0, 1, 1, AnatomicalPlane.Axial),
            1 => (0, 2, -1, AnatomicalPlane.Coronal),
            _ => (1, 2, -1, AnatomicalPlane.Sagittal),
        };
        (double[] row, double[] column) = (orientation.Row, orientation.Column);
        bool swapped = Math.Abs(column[right]) + Math.Abs(row[down]) > Math.Abs(row[right]) + Math.Abs(column[down]);
        (double[] x, double[] y) = swapped ? (column, row) : (row, column);
        return new AnatomicalAxes(
            geometry, swapped ? [1, 0, 2] : [0, 1, 2], [x[right] < 0, sense * y[down] < 0, n[across] < 0], plane);
    }

    private void Gather<T>(ReadOnlySpan<T> array, Span<T> turned)
    {
        (int width, int height, int depth) = Size;
        int slice = width * height;
        for (int z = 0; z < depth; z++)
            GatherSlice(array, z, turned.Slice(z * slice, slice));
    }

    private void GatherSlice<T>(ReadOnlySpan<T> array, int z, Span<T> turned)
    {
        (int width, int height, _) = Size;
        for (int y = 0; y < height; y++)
        {
            Span<T> row = turned.Slice(y * width, width);
            int from = _origin + (z * _stride[2]) + (y * _stride[1]);
            if (_stride[0] is 1 or -1)
            {
                array.Slice(_stride[0] == 1 ? from : from - width + 1, width).CopyTo(row);
                if (_stride[0] == -1)
                    row.Reverse();
                continue;
            }

            for (int x = 0; x < width; x++, from += _stride[0])
                row[x] = array[from];
        }
    }

    private VolumeOrientation Permute(VolumeOrientation orientation, VoxelSpacing spacing)
    {
        double[][] directions = [orientation.Row, orientation.Column, orientation.Normal];
        double[] steps = [spacing.X, spacing.Y, spacing.Z];
        double[] origin = [.. orientation.Origin];
        double[][] turned = new double[3][];
        for (int i = 0; i < 3; i++)
        {
            int a = _axis[i];
            turned[i] = _reversed[i] ? [.. directions[a].Select(v => -v)] : directions[a];
            for (int c = 0; _reversed[i] && c < 3; c++)
                origin[c] += (_size[a] - 1) * steps[a] * directions[a][c];
        }

        return new VolumeOrientation(origin, turned[0], turned[1], turned[2]);
    }
}
