using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Radiomics;

/// <summary>
/// Resamples an image (trilinear) and its mask (nearest neighbour) to another spacing. Both grids have their centres at the same
/// place, and the new one has ⌈n s/s′⌉ voxels along an axis (IBSI-1, 2.4); only the part around the region is computed. Beyond
/// the outermost voxel centres the outermost value is kept.
/// </summary>
internal static class Resampler
{
    private const int MaxVoxels = 1 << 29;

    /// <exception cref="ArgumentException">The new grid is too large to be held.</exception>
    public static VoxelField Resample(VoxelField field, VoxelSpacing target, CancellationToken cancellation)
    {
        using var region = Region.Find(field);
        var keepZ = field.Depth == 1;
        var s = field.Spacing;
        var x = Axis.Of(field.Width, s.X, target.X, region?.X0 ?? 0, region?.Width ?? 0);
        var y = Axis.Of(field.Height, s.Y, target.Y, region?.Y0 ?? 0, region?.Height ?? 0);
        var z = Axis.Of(field.Depth, s.Z, keepZ ? 0 : target.Z, region?.Z0 ?? 0, region?.Depth ?? 0);
        if ((double)x.Count * y.Count * z.Count > MaxVoxels)
        {
            throw new ArgumentException(
                $"Resampled to {target} mm the region needs {x.Count}×{y.Count}×{z.Count} voxels: choose a wider spacing.");
        }

        var values = new float[x.Count * y.Count * z.Count];
        var mask = new byte[values.Length];
        Parallel.For(0, z.Count, new ParallelOptions { CancellationToken = cancellation }, k =>
        {
            for (var j = 0; j < y.Count; j++)
            {
                ResampleRow(field, x, y, z, j, k, values, mask);
            }
        });
        return new VoxelField(values, mask, x.Count, y.Count, z.Count, new VoxelSpacing(x.Spacing, y.Spacing, z.Spacing));
    }

    private static void ResampleRow(VoxelField field, Axis x, Axis y, Axis z, int j, int k, float[] values, byte[] mask)
    {
        var (y0, y1, fy) = y.Neighbours(j);
        var (z0, z1, fz) = z.Neighbours(k);
        var row00 = field.Values.AsSpan(RowStart(y0, z0), field.Width);
        var row10 = field.Values.AsSpan(RowStart(y1, z0), field.Width);
        var row01 = field.Values.AsSpan(RowStart(y0, z1), field.Width);
        var row11 = field.Values.AsSpan(RowStart(y1, z1), field.Width);
        var nearest = field.Mask.AsSpan(RowStart(y.Nearest(j), z.Nearest(k)), field.Width);
        var at = ((k * y.Count) + j) * x.Count;
        for (var i = 0; i < x.Count; i++)
        {
            var (x0, x1, fx) = x.Neighbours(i);
            var near = Mix(Mix(row00[x0], row00[x1], fx), Mix(row10[x0], row10[x1], fx), fy);
            var far = Mix(Mix(row01[x0], row01[x1], fx), Mix(row11[x0], row11[x1], fx), fy);
            values[at + i] = (float)Mix(near, far, fz);
            mask[at + i] = nearest[x.Nearest(i)];
        }

        int RowStart(int atY, int atZ) => ((atZ * field.Height) + atY) * field.Width;
    }

    /// <summary>Exact at both ends, so that equal values stay equal.</summary>
    private static double Mix(double a, double b, double fraction) => fraction == 0 ? a : a + (fraction * (b - a));

    /// <summary>The part of a new axis that covers the region.</summary>
    private readonly record struct Axis(int OldCount, double Spacing, double Scale, double Origin, int First, int Count)
    {
        public static Axis Of(int oldCount, double spacing, double target, int regionStart, int regionLength)
        {
            if (target == 0 || target == spacing)
            {
                return new Axis(oldCount, spacing, 1, 0, regionStart, regionLength);
            }

            var scale = target / spacing;
            var newCount = Math.Max(1, Math.Ceiling(oldCount / scale));
            var origin = ((oldCount - 1) - ((newCount - 1) * scale)) / 2;
            // The nearest old voxel may be half a voxel away.
            var first = Math.Clamp(Math.Floor((regionStart - 0.5 - origin) / scale), 0, newCount - 1);
            var last = Math.Clamp(Math.Ceiling((regionStart + regionLength - 0.5 - origin) / scale), 0, newCount - 1);
            var count = Math.Min(last - first + 1, int.MaxValue);
            return new Axis(oldCount, target, scale, origin, (int)Math.Min(first, int.MaxValue), (int)count);
        }

        /// <summary>Both old voxels around a new one and how far it is from the first to the second.</summary>
        public (int Low, int High, double Fraction) Neighbours(int index)
        {
            var at = Math.Clamp(Origin + ((First + (double)index) * Scale), 0, OldCount - 1);
            var low = (int)at;
            return (low, Math.Min(low + 1, OldCount - 1), at - low);
        }

        public int Nearest(int index) => (int)Math.Round(
            Math.Clamp(Origin + ((First + (double)index) * Scale), 0, OldCount - 1), MidpointRounding.AwayFromZero);
    }
}
