using System.Buffers;
using System.Runtime.CompilerServices;

namespace TumorFunctions.Core.Radiomics;

/// <summary>Connected zones (26 neighbours, within a slice 8) of equal level: the size-zone matrix.</summary>
internal static class ZoneScan
{
    /// <summary>Zones up to this size are counted in a table by level and size.</summary>
    private const int SmallZone = 63;

    /// <returns>Number of zones by level (row) and size in voxels (column).</returns>
    public static SparseMatrix Run(LevelGrid grid)
    {
        var cells = ArrayPool<ushort>.Shared.Rent(grid.Cells.Length);
        var stack = ArrayPool<int>.Shared.Rent(grid.VoxelCount);
        grid.Cells.CopyTo(cells);
        var steps = grid.NeighbourSteps();
        var small = new int[(grid.Highest + 1) * (SmallZone + 1)];
        var large = new List<ulong>();
        foreach (var run in grid.Runs)
        {
            for (var i = run.Start; i < run.Start + run.Length; i++)
            {
                var level = cells[i];
                if (level == 0)
                {
                    continue;
                }

                var size = Flood(cells, stack, steps, i);
                if (size <= SmallZone)
                {
                    small[(level * (SmallZone + 1)) + size]++;
                }
                else
                {
                    large.Add(((ulong)level << 32) | (uint)size);
                }
            }
        }

        ArrayPool<ushort>.Shared.Return(cells);
        ArrayPool<int>.Shared.Return(stack);
        return Collect(small, grid.Highest, [.. large]);
    }

    /// <summary>Clears the zone around a cell and returns its size.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Flood(Span<ushort> cells, Span<int> stack, ReadOnlySpan<int> steps, int start)
    {
        var level = cells[start];
        var (depth, size) = (1, 0);
        stack[0] = start;
        cells[start] = 0;
        while (depth > 0)
        {
            var cell = stack[--depth];
            size++;
            foreach (var step in steps)
            {
                if (cells[cell + step] == level)
                {
                    cells[cell + step] = 0;
                    stack[depth++] = cell + step;
                }
            }
        }

        return size;
    }

    /// <summary>
    /// Interleaves both lists by level: within a level every size of the table is smaller than those of the list.
    /// </summary>
    private static SparseMatrix Collect(ReadOnlySpan<int> small, int highest, ulong[] large)
    {
        using var beyond = new SparseMatrix();
        beyond.AddKeys(large);
        var zones = new SparseMatrix();
        var next = 0;
        for (var level = 1; level <= highest; level++)
        {
            for (var size = 1; size <= SmallZone; size++)
            {
                var count = small[(level * (SmallZone + 1)) + size];
                if (count != 0)
                {
                    zones.Add(level, size, count);
                }
            }

            for (; next < beyond.Cells.Length && beyond.Cells[next].Row == level; next++)
            {
                zones.Add(level, beyond.Cells[next].Column, beyond.Cells[next].Count);
            }
        }

        return zones;
    }
}
