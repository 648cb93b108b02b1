using System.Buffers;

namespace TumorFunctions.Core.Radiomics;

/// <summary>An element of a texture matrix that is not zero.</summary>
internal readonly record struct MatrixCell(int Row, int Column, long Count) : IComparable<MatrixCell>
{
    public int CompareTo(MatrixCell other) => Row != other.Row ? Row.CompareTo(other.Row) : Column.CompareTo(other.Column);
}

/// <summary>A texture matrix as the list of its elements, sorted by row and column.</summary>
internal sealed class SparseMatrix : IDisposable
{
    private MatrixCell[] _cells = ArrayPool<MatrixCell>.Shared.Rent(1024);
    private int _count;

    public ReadOnlySpan<MatrixCell> Cells => _cells.AsSpan(0, _count);

    public void Add(int row, int column, long count)
    {
        if (_count == _cells.Length)
        {
            var larger = ArrayPool<MatrixCell>.Shared.Rent(_count * 2);
            _cells.CopyTo(larger, 0);
            ArrayPool<MatrixCell>.Shared.Return(_cells);
            _cells = larger;
        }

        _cells[_count++] = new MatrixCell(row, column, count);
    }

    /// <summary>Counts equal keys, row in the upper and column in the lower 32 bits; the keys are sorted in passing.</summary>
    public void AddKeys(Span<ulong> keys)
    {
        keys.Sort();
        for (var i = 0; i < keys.Length;)
        {
            var first = i;
            while (i < keys.Length && keys[i] == keys[first])
            {
                i++;
            }

            Add((int)(keys[first] >> 32), (int)(uint)keys[first], i - first);
        }
    }

    /// <summary>The sum of several matrices.</summary>
    public static SparseMatrix Merge(IEnumerable<SparseMatrix> matrices)
    {
        using var all = new SparseMatrix();
        foreach (var matrix in matrices)
        {
            foreach (var cell in matrix.Cells)
            {
                all.Add(cell.Row, cell.Column, cell.Count);
            }
        }

        var sorted = all._cells.AsSpan(0, all._count);
        sorted.Sort();
        var sum = new SparseMatrix();
        for (var i = 0; i < sorted.Length;)
        {
            var (row, column) = (sorted[i].Row, sorted[i].Column);
            var count = 0L;
            for (; i < sorted.Length && sorted[i].Row == row && sorted[i].Column == column; i++)
            {
                count += sorted[i].Count;
            }

            sum.Add(row, column, count);
        }

        return sum;
    }

    public void Dispose()
    {
        ArrayPool<MatrixCell>.Shared.Return(_cells);
        _cells = [];
        _count = 0;
    }
}
