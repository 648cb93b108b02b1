using TumorFunctions.Api.Masks;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Api.Reports;

/// <summary>Makes the picture of a report out of a slice.</summary>
internal static class SlicePicture
{
    /// <summary>Larger slices are shown at a half, a third … of their size.</summary>
    private const int MaxSide = 1024;

    /// <param name="axes">How the volume is shown; <paramref name="shown"/> lies in this order.</param>
    public static (SnapshotPicture Picture, byte[] Pixels) Show(
        Volume volume, AnatomicalAxes axes, Mask? shown, int slice, double pixelAspect, int[]? box)
    {
        var (width, height, depth) = axes.Size;
        var grey = new byte[width * height];
        Greyscale.Apply(axes.Slice(volume, slice), Greyscale.ChooseWindow(volume), grey);
        var inside = shown?.Slice(slice).ToArray();
        var step = (Math.Max(width, height) + MaxSide - 1) / MaxSide;
        if (step > 1)
        {
            grey = Reduce(grey, width, height, step);
            inside = inside is null ? null : Reduce([.. inside.Select(value => value == 0 ? (byte)0 : byte.MaxValue)], width, height, step);
            inside = inside is null ? null : [.. inside.Select(value => value > byte.MaxValue / 2 ? (byte)1 : (byte)0)];
            (width, height) = ((width + step - 1) / step, (height + step - 1) / step);
            box = box is null ? null : [box[0] / step, box[1] / step, (box[2] + step - 1) / step, (box[3] + step - 1) / step];
        }

        var picture = new SnapshotPicture(
            slice,
            depth,
            width,
            height,
            pixelAspect,
            inside is null ? null : Pack(inside),
            box,
            SidesOf(axes.Apply(volume.Geometry).Orientation),
            ViewNames.Of(axes));
        return (picture, grey);
    }

    /// <summary>A packed mask, a byte a pixel.</summary>
    public static byte[] Unpack(byte[] bits, int length) =>
        [.. Enumerable.Range(0, length).Select(i => (byte)((bits[i / 8] >> (i % 8)) & 1))];

    private static byte[] Pack(byte[] mask)
    {
        var bits = new byte[(mask.Length + 7) / 8];
        for (var i = 0; i < mask.Length; i++)
        {
            bits[i / 8] |= (byte)((mask[i] == 0 ? 0 : 1) << (i % 8));
        }

        return bits;
    }

    // Means of squares of so many pixels; those at the right and lower edge may be smaller.
    private static byte[] Reduce(byte[] pixels, int width, int height, int step)
    {
        var (columns, rows) = ((width + step - 1) / step, (height + step - 1) / step);
        var reduced = new byte[columns * rows];
        for (var row = 0; row < rows; row++)
        {
            for (var column = 0; column < columns; column++)
            {
                var (sum, count) = (0, 0);
                for (var y = row * step; y < Math.Min(height, (row + 1) * step); y++)
                {
                    for (var x = column * step; x < Math.Min(width, (column + 1) * step); x++)
                    {
                        sum += pixels[(y * width) + x];
                        count++;
                    }
                }

                reduced[(row * columns) + column] = (byte)((sum + (count / 2)) / count);
            }
        }

        return reduced;
    }

    private static string[]? SidesOf(VolumeOrientation? orientation) => orientation is null
        ? null
        : [Towards(orientation.Row, -1), Towards(orientation.Row, 1), Towards(orientation.Column, -1), Towards(orientation.Column, 1)];

    // LPS: the axes count towards left, posterior and superior.
    private static string Towards(double[] direction, int sense)
    {
        var axis = Array.IndexOf([.. direction.Select(Math.Abs)], direction.Max(Math.Abs));
        return (axis, direction[axis] * sense > 0) switch
        {
            (0, true) => "L",
            (0, false) => "R",
            (1, true) => "P",
            (1, false) => "A",
            (_, true) => "S",
            _ => "I",
        };
    }
}
