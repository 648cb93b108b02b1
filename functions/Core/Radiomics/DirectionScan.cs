using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TumorFunctions.Core.Radiomics;

/// <summary>
/// One pass along one direction that yields both matrices that depend on it: neighbouring pairs (GLCM) and runs of equal level
/// (GLRLM). A run ends where the neighbour differs, so the pair that the GLCM counts decides the GLRLM too.
/// </summary>
internal sealed class DirectionScan : IDisposable
{
    /// <summary>Up to here the matrices are tables; above, keys are sorted, since a table would be mostly empty.</summary>
    private const int DenseLevels = 512;

    private DirectionScan(SparseMatrix pairs, SparseMatrix runs)
    {
        Pairs = pairs;
        Runs = runs;
    }

    /// <summary>
    /// Unordered pairs of neighbouring levels, row ≤ column. The symmetric GLCM has twice this count on its diagonal, and this
    /// count at (row, column) and at (column, row).
    /// </summary>
    public SparseMatrix Pairs { get; }

    /// <summary>
    /// Number of runs by level (row) and length (column); empty where no line in this direction meets two voxels.
    /// </summary>
    public SparseMatrix Runs { get; }

    public static DirectionScan Along(GridDirection direction, LevelGrid grid)
    {
        var scan = new DirectionScan(new SparseMatrix(), new SparseMatrix());
        if (grid.Highest <= DenseLevels)
        {
            scan.ScanDense(direction, grid);
        }
        else
        {
            scan.ScanSparse(direction, grid);
        }

        return scan;
    }

    public void Dispose()
    {
        Pairs.Dispose();
        Runs.Dispose();
    }

    private void ScanDense(GridDirection direction, LevelGrid grid)
    {
        var side = grid.Highest + 1;
        var longest = LongestRun(direction, grid);
        var pairs = ArrayPool<int>.Shared.Rent(side * side);
        var runs = ArrayPool<int>.Shared.Rent(side * (longest + 1));
        var lengths = ArrayPool<ushort>.Shared.Rent(grid.Cells.Length);
        try
        {
            pairs.AsSpan(0, side * side).Clear();
            runs.AsSpan(0, side * (longest + 1)).Clear();
            lengths.AsSpan(0, grid.Cells.Length).Fill(1);
            foreach (var run in grid.Runs)
            {
                Count(grid.Cells, lengths, run, direction.Step, pairs, side, runs, longest + 1);
            }

            CollectPairs(pairs, side);
            if (Pairs.Cells.Length > 0 || LineMeetsTwo(direction, grid))
            {
                CollectRuns(runs, side, longest + 1);
            }
        }
        finally
        {
            ArrayPool<int>.Shared.Return(pairs);
            ArrayPool<int>.Shared.Return(runs);
            ArrayPool<ushort>.Shared.Return(lengths);
        }
    }

    /// <summary>
    /// Free of branches: a neighbour outside the region counts into column 0, and a voxel that does not end its run adds 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Count(
        ReadOnlySpan<ushort> cells, Span<ushort> lengths, GridRun run, int step, int[] pairs, int side, int[] runs, int runSide)
    {
        ref var here = ref Unsafe.Add(ref MemoryMarshal.GetReference(cells), run.Start);
        ref var there = ref Unsafe.Add(ref here, step);
        ref var length = ref Unsafe.Add(ref MemoryMarshal.GetReference(lengths), run.Start);
        ref var lengthThere = ref Unsafe.Add(ref length, step);
        ref var pair = ref MemoryMarshal.GetArrayDataReference(pairs);
        ref var ended = ref MemoryMarshal.GetArrayDataReference(runs);
        for (nint i = 0; i < run.Length; i++)
        {
            nint a = Unsafe.Add(ref here, i);
            nint b = Unsafe.Add(ref there, i);
            nint l = Unsafe.Add(ref length, i);
            var same = a == b ? 1 : 0;
            Unsafe.Add(ref pair, (a * side) + b)++;
            Unsafe.Add(ref ended, (a * runSide) + l) += 1 - same;
            Unsafe.Add(ref lengthThere, i) = (ushort)((l * same) + 1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CollectPairs(ReadOnlySpan<int> pairs, int side)
    {
        for (var i = 1; i < side; i++)
        {
            var row = pairs.Slice(i * side, side);
            if (row[i] != 0)
            {
                Pairs.Add(i, i, row[i]);
            }

            for (var j = i + 1; j < side; j++)
            {
                var count = row[j] + pairs[(j * side) + i];
                if (count != 0)
                {
                    Pairs.Add(i, j, count);
                }
            }
        }
    }

    private void CollectRuns(ReadOnlySpan<int> runs, int side, int runSide)
    {
        for (var i = 1; i < side; i++)
        {
            var row = runs.Slice(i * runSide, runSide);
            for (var l = 1; l < runSide; l++)
            {
                if (row[l] != 0)
                {
                    Runs.Add(i, l, row[l]);
                }
            }
        }
    }

    private void ScanSparse(GridDirection direction, LevelGrid grid)
    {
        var keys = ArrayPool<ulong>.Shared.Rent(grid.VoxelCount);
        try
        {
            var cells = grid.Cells;
            var count = 0;
            foreach (var run in grid.Runs)
            {
                for (var i = run.Start; i < run.Start + run.Length; i++)
                {
                    var (a, b) = (cells[i], cells[i + direction.Step]);
                    if (b != 0)
                    {
                        keys[count++] = ((ulong)Math.Min(a, b) << 32) | Math.Max(a, b);
                    }
                }
            }

            Pairs.AddKeys(keys.AsSpan(0, count));
            if (count == 0 && !LineMeetsTwo(direction, grid))
            {
                return;
            }

            count = 0;
            foreach (var run in grid.Runs)
            {
                for (var i = run.Start; i < run.Start + run.Length; i++)
                {
                    var level = cells[i];
                    if (cells[i - direction.Step] != level)
                    {
                        var length = 1;
                        while (cells[i + (length * direction.Step)] == level)
                        {
                            length++;
                        }

                        keys[count++] = ((ulong)level << 32) | (uint)length;
                    }
                }
            }

            Runs.AddKeys(keys.AsSpan(0, count));
        }
        finally
        {
            ArrayPool<ulong>.Shared.Return(keys);
        }
    }

    private static int LongestRun(GridDirection direction, LevelGrid grid)
    {
        var longest = int.MaxValue;
        longest = direction.X == 0 ? longest : Math.Min(longest, grid.Width - 2);
        longest = direction.Y == 0 ? longest : Math.Min(longest, grid.Height - 2);
        return direction.Z == 0 ? longest : Math.Min(longest, grid.Depth - 2);
    }

    /// <summary>
    /// Whether two voxels of the region lie on one line in this direction, with a gap between them. A direction without any such
    /// line says nothing of runs, and PyRadiomics leaves it out.
    /// </summary>
    private static bool LineMeetsTwo(GridDirection direction, LevelGrid grid)
    {
        var lines = new HashSet<int>(grid.VoxelCount);
        foreach (var run in grid.Runs)
        {
            for (var i = run.Start; i < run.Start + run.Length; i++)
            {
                if (!lines.Add(grid.LineOrigin(i, direction)))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
