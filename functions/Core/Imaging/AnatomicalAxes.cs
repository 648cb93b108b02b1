namespace TumorFunctions.Core.Imaging;

/// <summary>
/// How the axes of a voxel array lie in the patient, and what turns the array into axial slices as radiologists look at
/// them: x towards the left, y towards the back, z towards the head (LPS). Only whole axes are swapped and turned round;
/// nothing is resampled, and a mask finds back to the array it came from.
/// </summary>
public sealed class AnatomicalAxes
{
    // For each anatomical axis: the array's axis that runs along it, and whether it runs the other way.
    private readonly int[] _axis;
    private readonly bool[] _reversed;
    private readonly int[] _size;

    private AnatomicalAxes(int[] axis, bool[] reversed, int[] size)
    {
        _axis = axis;
        _reversed = reversed;
        _size = size;
    }

    /// <summary>Width, height and depth of the axial array.</summary>
    public (int Width, int Height, int Depth) Size => (_size[_axis[0]], _size[_axis[1]], _size[_axis[2]]);

    /// <summary>Whether the array is in anatomical order as it is.</summary>
    public bool IsIdentity => _axis is [0, 1, 2] && !Array.Exists(_reversed, r => r);

    /// <summary>Whether the array's slices are axial, whichever way they are turned.</summary>
    public bool KeepsSlices => _axis[2] == 2;

    /// <summary>Reads the axes off the volume's orientation; without one they are taken as they are.</summary>
    public static AnatomicalAxes Of(Volume volume)
    {
        int[] size = [volume.Width, volume.Height, volume.Depth];
        int[] axis = [0, 1, 2];
        bool[] reversed = new bool[3];
        if (volume.Orientation is { } orientation)
        {
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
        }

        return new AnatomicalAxes(axis, reversed, size);
    }

    /// <summary>The volume in anatomical order, its geometry with it; the volume itself where it is so already.</summary>
    public Volume Apply(Volume volume)
    {
        if (IsIdentity)
            return volume;

        float[] voxels = new float[volume.Voxels.Length];
        ForEach((from, to) => voxels[to] = volume.Voxels[from]);
        (int width, int height, int depth) = Size;
        return new Volume(voxels, width, height, depth)
        {
            Format = volume.Format,
            BitsPerSample = volume.BitsPerSample,
            Spacing = volume.Spacing is { } s ? Permute([s.X, s.Y, s.Z]) : null,
            SliceThickness = volume.SliceThickness,
            Orientation = volume is { Orientation: { } orientation, Spacing: { } spacing } ? Permute(orientation, spacing) : null,
            IntensityUnit = volume.IntensityUnit,
            Window = volume.Window,
            Study = volume.Study,
            Notes = volume.Notes,
        };
    }

    /// <summary>One slice of the volume in anatomical order; width × height values.</summary>
    public float[] Slice(Volume volume, int z)
    {
        (int width, int height, _) = Size;
        float[] slice = new float[width * height];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
                slice[(y * width) + x] = volume.Voxels[Index(x, y, z)];
        }

        return slice;
    }

    /// <summary>A mask on the volume's array, in anatomical order.</summary>
    public Mask Apply(Mask mask)
    {
        byte[] voxels = new byte[mask.Voxels.Length];
        ForEach((from, to) => voxels[to] = mask.Voxels[from]);
        (int width, int height, int depth) = Size;
        return new Mask(voxels, width, height, depth);
    }

    /// <summary>A mask in anatomical order, back on the volume's array.</summary>
    public Mask Restore(Mask mask)
    {
        byte[] voxels = new byte[mask.Voxels.Length];
        ForEach((to, from) => voxels[to] = mask.Voxels[from]);
        return new Mask(voxels, _size[0], _size[1], _size[2]);
    }

    // Index in the array of a voxel of the anatomical order.
    private int Index(int x, int y, int z)
    {
        Span<int> at = stackalloc int[3];
        at[_axis[0]] = _reversed[0] ? _size[_axis[0]] - 1 - x : x;
        at[_axis[1]] = _reversed[1] ? _size[_axis[1]] - 1 - y : y;
        at[_axis[2]] = _reversed[2] ? _size[_axis[2]] - 1 - z : z;
        return (((at[2] * _size[1]) + at[1]) * _size[0]) + at[0];
    }

    private void ForEach(Action<int, int> copy)
    {
        (int width, int height, int depth) = Size;
        int to = 0;
        for (int z = 0; z < depth; z++)
        {
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                    copy(Index(x, y, z), to++);
            }
        }
    }

    private VoxelSpacing Permute(double[] spacing) => new(spacing[_axis[0]], spacing[_axis[1]], spacing[_axis[2]]);

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
