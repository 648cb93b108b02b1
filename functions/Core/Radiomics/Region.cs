using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Radiomics;

/// <summary>Voxels of a region that follow each other along x; coordinates within the region's box.</summary>
internal readonly record struct VoxelRun(int X, int Y, int Z, int Length);

/// <summary>An image and a mask on one grid.</summary>
internal sealed record VoxelField(float[] Values, byte[] Mask, int Width, int Height, int Depth, VoxelSpacing Spacing);

/// <summary>The voxels inside a mask: their box, their runs along x and their values in the order of the runs.</summary>
internal sealed class Region : IDisposable
{
    private readonly VoxelRun[] _runs;
    private readonly int _runCount;
    private readonly float[] _values;

    private Region(VoxelRun[] runs, int runCount, float[] values)
    {
        _runs = runs;
        _runCount = runCount;
        _values = values;
    }

    public required int X0 { get; init; }

    public required int Y0 { get; init; }

    public required int Z0 { get; init; }

    public required int Width { get; init; }

    public required int Height { get; init; }

    public required int Depth { get; init; }

    public required int VoxelCount { get; init; }

    public required VoxelSpacing Spacing { get; init; }

    public ReadOnlySpan<VoxelRun> Runs => _runs.AsSpan(0, _runCount);

    public ReadOnlySpan<float> Values => _values.AsSpan(0, VoxelCount);

    /// <returns>The region, or null where the mask is empty.</returns>
    public static Region? Find(VoxelField field)
    {
        var runs = ArrayPool<VoxelRun>.Shared.Rent(1024);
        var runCount = 0;
        var voxelCount = 0;
        int x0 = int.MaxValue, y0 = int.MaxValue, z0 = int.MaxValue, x1 = -1, y1 = -1, z1 = -1;
        for (var z = 0; z < field.Depth; z++)
        {
            for (var y = 0; y < field.Height; y++)
            {
                var row = field.Mask.AsSpan(RowStart(field, y, z), field.Width);
                var x = row.IndexOfAnyExcept((byte)0);
                if (x < 0)
                {
                    continue;
                }

                (x0, y0, y1) = (Math.Min(x0, x), Math.Min(y0, y), Math.Max(y1, y));
                (z0, z1) = (Math.Min(z0, z), z);
                while (x < field.Width)
                {
                    var length = row[x..].IndexOf((byte)0);
                    length = length < 0 ? field.Width - x : length;
                    if (runCount == runs.Length)
                    {
                        runs = Grow(runs);
                    }

                    runs[runCount++] = new VoxelRun(x, y, z, length);
                    voxelCount += length;
                    x += length;
                    x1 = Math.Max(x1, x - 1);
                    var gap = row[x..].IndexOfAnyExcept((byte)0);
                    x = gap < 0 ? field.Width : x + gap;
                }
            }
        }

        if (runCount == 0)
        {
            ArrayPool<VoxelRun>.Shared.Return(runs);
            return null;
        }

        var values = ArrayPool<float>.Shared.Rent(voxelCount);
        var at = 0;
        foreach (ref var run in runs.AsSpan(0, runCount))
        {
            field.Values.AsSpan(RowStart(field, run.Y, run.Z) + run.X, run.Length).CopyTo(values.AsSpan(at));
            at += run.Length;
            run = new VoxelRun(run.X - x0, run.Y - y0, run.Z - z0, run.Length);
        }

        return new Region(runs, runCount, values)
        {
            X0 = x0,
            Y0 = y0,
            Z0 = z0,
            Width = x1 - x0 + 1,
            Height = y1 - y0 + 1,
            Depth = z1 - z0 + 1,
            VoxelCount = voxelCount,
            Spacing = field.Spacing,
        };
    }

    /// <summary>Smallest and largest value, and whether every value is finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public (float Minimum, float Maximum, bool Finite) Range()
    {
        var values = Values;
        var (minimum, maximum, finite) = (float.PositiveInfinity, float.NegativeInfinity, true);
        var i = 0;
        if (values.Length >= Vector<float>.Count)
        {
            var (low, high) = (new Vector<float>(minimum), new Vector<float>(maximum));
            var largest = new Vector<float>(float.MaxValue);
            for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
            {
                var v = new Vector<float>(values[i..]);
                finite &= Vector.LessThanOrEqualAll(Vector.Abs(v), largest);
                low = Vector.Min(low, v);
                high = Vector.Max(high, v);
            }

            for (var lane = 0; lane < Vector<float>.Count; lane++)
            {
                minimum = Math.Min(minimum, low[lane]);
                maximum = Math.Max(maximum, high[lane]);
            }
        }

        for (; i < values.Length; i++)
        {
            finite &= float.IsFinite(values[i]);
            minimum = Math.Min(minimum, values[i]);
            maximum = Math.Max(maximum, values[i]);
        }

        return (minimum, maximum, finite);
    }

    public void Dispose()
    {
        ArrayPool<VoxelRun>.Shared.Return(_runs);
        ArrayPool<float>.Shared.Return(_values);
    }

    private static int RowStart(VoxelField field, int y, int z) => ((z * field.Height) + y) * field.Width;

    private static VoxelRun[] Grow(VoxelRun[] runs)
    {
        var larger = ArrayPool<VoxelRun>.Shared.Rent(runs.Length * 2);
        runs.CopyTo(larger, 0);
        ArrayPool<VoxelRun>.Shared.Return(runs);
        return larger;
    }
}
