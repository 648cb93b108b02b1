using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TumorFunctions.Core.Radiomics;

/// <summary>
/// One pass over the neighbourhoods of all voxels that yields both matrices that rest on them: how many neighbours have the same
/// level (GLDM), and how far the level is from the mean of its neighbours (NGTDM).
/// </summary>
internal sealed class NeighbourhoodScan
{
    /// <summary>26 neighbours and the voxel itself.</summary>
    private const int Columns = 27;

    private readonly long[] _dependent;
    private readonly long[] _differences;
    private readonly int _levels;

    private NeighbourhoodScan(int levels)
    {
        _levels = levels;
        _dependent = new long[(levels + 1) * Columns];
        _differences = new long[(levels + 1) * Columns];
        Isolated = new int[levels + 1];
    }

    /// <summary>Number of voxels of each level that have no neighbour in the region.</summary>
    public int[] Isolated { get; }

    public static NeighbourhoodScan Run(LevelGrid grid, bool parallel, CancellationToken cancellation)
    {
        var steps = grid.NeighbourSteps();
        var slabs = parallel && grid.Highest <= 1024 ? Math.Min(Environment.ProcessorCount, grid.Runs.Length) : 1;
        var scans = new NeighbourhoodScan[slabs];
        if (slabs == 1)
        {
            scans[0] = new NeighbourhoodScan(grid.Highest);
            scans[0].Scan(grid, steps, 0, grid.Runs.Length);
        }
        else
        {
            Parallel.For(0, slabs, new ParallelOptions { CancellationToken = cancellation }, s =>
            {
                var runs = grid.Runs.Length;
                scans[s] = new NeighbourhoodScan(grid.Highest);
                scans[s].Scan(grid, steps, (int)((long)runs * s / slabs), (int)((long)runs * (s + 1) / slabs));
            });
        }

        for (var s = 1; s < slabs; s++)
        {
            scans[0].Add(scans[s]);
        }

        return scans[0];
    }

    /// <summary>Number of voxels by level (row) and 1 + number of neighbours of the same level (column).</summary>
    public SparseMatrix Dependence()
    {
        var matrix = new SparseMatrix();
        for (var level = 1; level <= _levels; level++)
        {
            for (var same = 0; same < Columns; same++)
            {
                var count = _dependent[(level * Columns) + same];
                if (count != 0)
                {
                    matrix.Add(level, same + 1, count);
                }
            }
        }

        return matrix;
    }

    /// <summary>Σ |level − mean of its neighbours| over the voxels of a level.</summary>
    public double ToneDifference(int level)
    {
        var sum = 0.0;
        for (var neighbours = 1; neighbours < Columns; neighbours++)
        {
            sum += (double)_differences[(level * Columns) + neighbours] / neighbours;
        }

        return sum;
    }

    private void Scan(LevelGrid grid, int[] steps, int firstRun, int endRun)
    {
        // The sum over 26 neighbours must fit 16 bits for the vectors.
        var narrow = grid.Highest <= ushort.MaxValue / 26;
        var lanes = Vector<ushort>.Count;
        var rented = ArrayPool<ushort>.Shared.Rent(3 * (grid.Width + lanes));
        var same = rented.AsSpan(0, grid.Width + lanes);
        var count = rented.AsSpan(grid.Width + lanes, grid.Width + lanes);
        var sum = rented.AsSpan(2 * (grid.Width + lanes), grid.Width + lanes);
        foreach (var run in grid.Runs[firstRun..endRun])
        {
            if (narrow && run.Length >= lanes / 2)
            {
                for (var at = 0; at < run.Length; at += lanes)
                {
                    Gather(grid.Cells, run.Start + at, steps, same[at..], count[at..], sum[at..]);
                }

                for (var k = 0; k < run.Length; k++)
                {
                    Record(grid.Cells[run.Start + k], same[k], count[k], sum[k]);
                }
            }
            else
            {
                GatherScalar(grid.Cells, run, steps);
            }
        }

        ArrayPool<ushort>.Shared.Return(rented);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gather(
        ReadOnlySpan<ushort> cells, int at, int[] steps, Span<ushort> same, Span<ushort> count, Span<ushort> sum)
    {
        ref var first = ref Unsafe.Add(ref MemoryMarshal.GetReference(cells), at);
        var centre = Vector.LoadUnsafe(ref first);
        var (equal, outside, total) = (Vector<ushort>.Zero, Vector<ushort>.Zero, Vector<ushort>.Zero);
        foreach (var step in steps)
        {
            var neighbour = Vector.LoadUnsafe(ref Unsafe.Add(ref first, step));
            // A true comparison is all ones, that is −1.
            equal -= Vector.Equals(neighbour, centre);
            outside -= Vector.Equals(neighbour, Vector<ushort>.Zero);
            total += neighbour;
        }

        equal.CopyTo(same);
        (new Vector<ushort>((ushort)steps.Length) - outside).CopyTo(count);
        total.CopyTo(sum);
    }

    private void GatherScalar(ReadOnlySpan<ushort> cells, GridRun run, int[] steps)
    {
        for (var i = run.Start; i < run.Start + run.Length; i++)
        {
            var level = cells[i];
            var (same, count, sum) = (0, 0, 0);
            foreach (var step in steps)
            {
                var neighbour = cells[i + step];
                same += neighbour == level ? 1 : 0;
                count += neighbour == 0 ? 0 : 1;
                sum += neighbour;
            }

            Record(level, same, count, sum);
        }
    }

    /// <summary>
    /// |level − sum/count| is kept as |level·count − sum| by count: whole numbers, the same in any order of summation.
    /// </summary>
    private void Record(int level, int same, int count, int sum)
    {
        _dependent[(level * Columns) + same]++;
        _differences[(level * Columns) + count] += Math.Abs((level * count) - sum);
        if (count == 0)
        {
            Isolated[level]++;
        }
    }

    private void Add(NeighbourhoodScan other)
    {
        for (var i = 0; i < _dependent.Length; i++)
        {
            _dependent[i] += other._dependent[i];
            _differences[i] += other._differences[i];
        }

        for (var i = 0; i < Isolated.Length; i++)
        {
            Isolated[i] += other.Isolated[i];
        }
    }
}
