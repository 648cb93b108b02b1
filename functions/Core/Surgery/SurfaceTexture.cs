using System.Numerics;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Surgery;

/// <summary>
/// The image on the surface of a tumour. The texture holds six views of the tumour, along x, y and z from the low and from the high
/// side: each texel is the image's value in the first voxel of the mask that is met there, shown through the volume's window. Views
/// stand in three rows (x, y, z) of two (low side left, high side right); the row of x shows y to the right and z down, that of y shows
/// x and z, that of z shows x and y. A triangle takes the view that it faces most; a place in mm is divided by the spacing to give the
/// texel. What a fold of the surface hides from that view shows what lies before it.
/// </summary>
public sealed class SurfaceTexture
{
    public const int Views = 6;

    private const int Margin = 1;

    private readonly VoxelSpacing _spacing;
    private readonly int[] _low = new int[3];
    private readonly int[] _rows = new int[3];
    private readonly int _columns;

    private SurfaceTexture(Mask mask, VoxelSpacing spacing)
    {
        _spacing = spacing;
        int[] high = new int[3];
        (_low[0], _low[1], _low[2]) = (mask.Width, mask.Height, mask.Depth);
        for (int z = 0; z < mask.Depth; z++)
        {
            for (int y = 0; y < mask.Height; y++)
            {
                ReadOnlySpan<byte> row = mask.Slice(z).Slice(y * mask.Width, mask.Width);
                int first = row.IndexOfAnyExcept((byte)0);
                if (first < 0)
                    continue;
                Include(high, [first, y, z]);
                Include(high, [row.LastIndexOfAnyExcept((byte)0), y, z]);
            }
        }

        int[] sizes = [.. Enumerable.Range(0, 3).Select(axis => high[axis] - _low[axis] + 1 + (2 * Margin))];
        _columns = Math.Max(sizes[0], sizes[1]);
        (_rows[1], _rows[2]) = (sizes[2], 2 * sizes[2]);
        Width = 2 * _columns;
        Height = (2 * sizes[2]) + sizes[1];
        Pixels = new byte[checked(Width * Height)];
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Grey, rows from the top.</summary>
    public byte[] Pixels { get; }

    /// <exception cref="ArgumentException">The mask is empty or not on the volume's grid.</exception>
    public static SurfaceTexture Create(Volume volume, Mask mask, VoxelSpacing spacing)
    {
        ArgumentNullException.ThrowIfNull(volume);
        ArgumentNullException.ThrowIfNull(mask);
        if (mask.IsEmpty)
            throw new ArgumentException("An empty mask has no texture.", nameof(mask));
        if ((mask.Width, mask.Height, mask.Depth) != (volume.Width, volume.Height, volume.Depth))
            throw new ArgumentException("The mask is not on the grid of the volume.", nameof(mask));

        SurfaceTexture texture = new(mask, spacing);
        texture.Paint(volume, mask);
        return texture;
    }

    /// <summary>The view that a surface of this normal faces most.</summary>
    public static int ViewOf(Vector3 normal)
    {
        (float x, float y, float z) = (Math.Abs(normal.X), Math.Abs(normal.Y), Math.Abs(normal.Z));
        int axis = z >= x && z >= y ? 2 : y >= x ? 1 : 0;
        return (2 * axis) + (normal[axis] > 0 ? 1 : 0);
    }

    /// <summary>Texture coordinates of a place in mm in a view; the origin is the lower left corner, as OBJ has it.</summary>
    public (double U, double V) Map(Vector3 place, int view)
    {
        int axis = view / 2;
        (double x, double y, double z) = (place.X / _spacing.X, place.Y / _spacing.Y, place.Z / _spacing.Z);
        (double across, double down) = axis switch { 0 => (y, z), 1 => (x, z), _ => (x, y) };
        double column = Column(view) + across - _low[axis == 0 ? 1 : 0];
        double row = _rows[axis] + Margin + down - _low[axis == 2 ? 1 : 2];
        return ((column + 0.5) / Width, 1 - ((row + 0.5) / Height));
    }

    private void Include(int[] high, ReadOnlySpan<int> voxel)
    {
        for (int axis = 0; axis < 3; axis++)
        {
            _low[axis] = Math.Min(_low[axis], voxel[axis]);
            high[axis] = Math.Max(high[axis], voxel[axis]);
        }
    }

    private int Column(int view) => (view % 2 * _columns) + Margin;

    private int Texel(int view, int across, int down) =>
        ((_rows[view / 2] + Margin + down) * Width) + Column(view) + across;

    private void Paint(Volume volume, Mask mask)
    {
        float[] values = new float[Pixels.Length];
        bool[] painted = new bool[Pixels.Length];
        for (int i = 0; i < mask.Voxels.Length; i++)
        {
            int skip = mask.Voxels.AsSpan(i).IndexOfAnyExcept((byte)0);
            if (skip < 0)
                break;
            i += skip;
            (int x, int y, int z) = (
                (i % mask.Width) - _low[0], (i / mask.Width % mask.Height) - _low[1], (i / mask.Width / mask.Height) - _low[2]);
            for (int view = 0; view < Views; view++)
            {
                (int across, int down) = (view / 2) switch { 0 => (y, z), 1 => (x, z), _ => (x, y) };
                int texel = Texel(view, across, down);
                // Coordinates only rise: the first is met from the low side, the last from the high one.
                if (view % 2 == 1 || !painted[texel])
                    (values[texel], painted[texel]) = (volume.Voxels[i], true);
            }
        }

        // The surface reaches half a voxel beyond the outermost voxel's centre, and viewers blend neighbouring texels.
        Spread(values, painted);
        Spread(values, painted);
        Greyscale.Apply(values, Greyscale.ChooseWindow(volume), Pixels);
        for (int i = 0; i < painted.Length; i++)
        {
            if (!painted[i])
                Pixels[i] = 0;
        }
    }

    /// <summary>Gives every empty texel beside painted ones their mean.</summary>
    private void Spread(float[] values, bool[] painted)
    {
        bool[] before = (bool[])painted.Clone();
        for (int i = 0; i < values.Length; i++)
        {
            if (before[i])
                continue;
            (double sum, int count) = (0, 0);
            (int x, int y) = (i % Width, i / Width);
            for (int row = Math.Max(0, y - 1); row <= Math.Min(Height - 1, y + 1); row++)
            {
                for (int column = Math.Max(0, x - 1); column <= Math.Min(Width - 1, x + 1); column++)
                {
                    if (before[(row * Width) + column])
                        (sum, count) = (sum + values[(row * Width) + column], count + 1);
                }
            }

            if (count > 0)
                (values[i], painted[i]) = ((float)(sum / count), true);
        }
    }
}
