using System.Buffers;

namespace TumorFunctions.Core.Radiomics;

/// <summary>
/// The formulas that GLRLM, GLSZM and GLDM share: their matrices count something of grey level i (row) and size j (column), where
/// the size is the length of a run, the voxels of a zone or the dependent voxels of a neighbourhood. Formulas of PyRadiomics'
/// documentation and IBSI-1 sections 3.7, 3.8 and 3.11.
/// </summary>
internal readonly struct LevelSizeFeatures
{
    /// <summary>Columns up to here get a table of marginal counts; a size above is counted by sorting.</summary>
    private const int TableSize = 4096;

    private LevelSizeFeatures(ReadOnlySpan<MatrixCell> cells)
    {
        var rows = new Marginal();
        double terms = 0, squares = 0;
        for (var c = 0; c < cells.Length;)
        {
            var level = cells[c].Row;
            long count = 0;
            double small = 0, large = 0;
            for (; c < cells.Length && cells[c].Row == level; c++)
            {
                var (_, size, n) = cells[c];
                var square = (double)size * size;
                count += n;
                small += n / square;
                large += n * square;
                terms += Entropy.Term(n);
                squares += (double)n * n;
            }

            var levelSquare = (double)level * level;
            rows.Add(level, count);
            SmallLow += small / levelSquare;
            SmallHigh += small * levelSquare;
            LargeLow += large / levelSquare;
            LargeHigh += large * levelSquare;
        }

        var columns = new Marginal();
        AddColumns(cells, ref columns);
        Count = rows.Count;
        Voxels = columns.Weighted;
        Levels = rows;
        Sizes = columns;
        JointEntropy = Entropy.FromTerms(terms, Count);
        Energy = squares / (Count * Count);
        SmallLow /= Count;
        SmallHigh /= Count;
        LargeLow /= Count;
        LargeHigh /= Count;
        LevelVariance = VarianceOfRows(cells, rows.Weighted / Count) / Count;
        SizeVariance = VarianceOfColumns(cells, columns.Weighted / Count) / Count;
    }

    /// <summary>Σ n(i,j).</summary>
    public double Count { get; }

    /// <summary>Σ n(i,j) j.</summary>
    public double Voxels { get; }

    /// <summary>Sums over n(i) = Σⱼ n(i,j).</summary>
    public Marginal Levels { get; }

    /// <summary>Sums over n(j) = Σᵢ n(i,j).</summary>
    public Marginal Sizes { get; }

    /// <summary>Σ n i⁻² j⁻² / Σ n, and so on for the three others.</summary>
    public double SmallLow { get; }

    public double SmallHigh { get; }

    public double LargeLow { get; }

    public double LargeHigh { get; }

    public double LevelVariance { get; }

    public double SizeVariance { get; }

    public double JointEntropy { get; }

    /// <summary>Σ (n / Σ n)².</summary>
    public double Energy { get; }

    /// <param name="cells">The matrix, sorted by row; not empty.</param>
    public static LevelSizeFeatures Of(ReadOnlySpan<MatrixCell> cells) => new(cells);

    private static void AddColumns(ReadOnlySpan<MatrixCell> cells, ref Marginal columns)
    {
        var highest = 0;
        foreach (var cell in cells)
        {
            highest = cell.Column <= TableSize ? Math.Max(highest, cell.Column) : highest;
        }

        var table = ArrayPool<long>.Shared.Rent(highest + 1);
        table.AsSpan(0, highest + 1).Clear();
        List<(int Size, long Count)>? beyond = null;
        foreach (var cell in cells)
        {
            if (cell.Column <= highest)
            {
                table[cell.Column] += cell.Count;
            }
            else
            {
                (beyond ??= []).Add((cell.Column, cell.Count));
            }
        }

        for (var size = 1; size <= highest; size++)
        {
            columns.Add(size, table[size]);
        }

        ArrayPool<long>.Shared.Return(table);
        foreach (var group in (beyond ?? []).GroupBy(b => b.Size).OrderBy(g => g.Key))
        {
            columns.Add(group.Key, group.Sum(b => b.Count));
        }
    }

    private static double VarianceOfRows(ReadOnlySpan<MatrixCell> cells, double mean)
    {
        var sum = 0.0;
        foreach (var (row, _, count) in cells)
        {
            sum += (row - mean) * (row - mean) * count;
        }

        return sum;
    }

    private static double VarianceOfColumns(ReadOnlySpan<MatrixCell> cells, double mean)
    {
        var sum = 0.0;
        foreach (var (_, column, count) in cells)
        {
            sum += (column - mean) * (column - mean) * count;
        }

        return sum;
    }

    /// <summary>Sums over a marginal distribution n(v).</summary>
    public struct Marginal
    {
        private double _low;
        private double _high;
        private double _squares;

        /// <summary>Σ n(v).</summary>
        public double Count { get; private set; }

        /// <summary>Σ n(v) v.</summary>
        public double Weighted { get; private set; }

        /// <summary>Σ n(v) v⁻² / Σ n.</summary>
        public readonly double LowEmphasis => _low / Count;

        /// <summary>Σ n(v) v² / Σ n.</summary>
        public readonly double HighEmphasis => _high / Count;

        /// <summary>Σ n(v)² / Σ n.</summary>
        public readonly double NonUniformity => _squares / Count;

        /// <summary>Σ n(v)² / (Σ n)².</summary>
        public readonly double NonUniformityNormalised => _squares / (Count * Count);

        public void Add(double value, double count)
        {
            Count += count;
            Weighted += value * count;
            _low += count / (value * value);
            _high += count * value * value;
            _squares += count * count;
        }
    }
}
