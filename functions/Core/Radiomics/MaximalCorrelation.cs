using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TumorFunctions.Core.Radiomics;

/// <summary>
/// The maximal correlation coefficient of a symmetric GLCM: √ of the second largest eigenvalue of
/// Q(i,j) = Σₖ p(i,k) p(j,k) / (p(i) p(k)). With D = diag(p(i)), Q is similar to S², S = D^(-½) P D^(-½), so the coefficient is
/// the second largest |eigenvalue| of the symmetric S, whose largest is 1 with eigenvector √p(i).
/// </summary>
internal static class MaximalCorrelation
{
    /// <summary>
    /// Up to here S is reduced to tridiagonal form; above, it is mostly empty and a Lanczos iteration is cheaper.
    /// </summary>
    private const int DenseSide = 96;

    /// <param name="pairs">Unordered pairs as in <see cref="DirectionScan.Pairs"/>.</param>
    /// <param name="marginal">Row sums of the symmetric matrix by level.</param>
    /// <param name="levelsPresent">Number of levels of the region; with only one the value is 1, as PyRadiomics has it.</param>
    public static double Of(ReadOnlySpan<MatrixCell> pairs, ReadOnlySpan<long> marginal, int levelsPresent)
    {
        if (levelsPresent < 2)
        {
            return 1;
        }

        var index = new int[marginal.Length];
        var side = 0;
        for (var i = 1; i < marginal.Length; i++)
        {
            index[i] = side;
            side += marginal[i] > 0 ? 1 : 0;
        }

        if (side < 2)
        {
            return 0;
        }

        var result = side <= DenseSide ? Dense(pairs, marginal, index, side) : Sparse(pairs, marginal, index, side);
        return Math.Min(1, result);
    }

    private static double Dense(ReadOnlySpan<MatrixCell> pairs, ReadOnlySpan<long> marginal, int[] index, int side)
    {
        var s = new double[side * side];
        foreach (var (i, j, n) in pairs)
        {
            var value = (i == j ? 2 : 1) * n / Math.Sqrt((double)marginal[i] * marginal[j]);
            s[(index[i] * side) + index[j]] = value;
            s[(index[j] * side) + index[i]] = value;
        }

        var diagonal = new double[side];
        var offDiagonal = new double[side];
        Tridiagonalise(s, side, diagonal, offDiagonal);
        TridiagonalEigenvalues.Solve(diagonal, offDiagonal);
        return SecondLargestMagnitude(diagonal);
    }

    private static double SecondLargestMagnitude(ReadOnlySpan<double> values)
    {
        double first = 0, second = 0;
        foreach (var value in values)
        {
            var magnitude = Math.Abs(value);
            (first, second) = magnitude > first ? (magnitude, first) : (first, Math.Max(second, magnitude));
        }

        return second;
    }

    /// <summary>
    /// Householder reflections from the last row upwards (Golub and Van Loan, 8.3.1), on full rows so that they vectorise.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tridiagonalise(double[] a, int side, double[] diagonal, double[] offDiagonal)
    {
        var u = new double[side];
        var p = new double[side];
        for (var k = side - 1; k > 1; k--)
        {
            var row = a.AsSpan(k * side, k);
            row.CopyTo(u);
            var reflector = u.AsSpan(0, k);
            var norm = Math.Sqrt(Dot(reflector, reflector));
            diagonal[k] = a[(k * side) + k];
            var alpha = reflector[k - 1] > 0 ? -norm : norm;
            offDiagonal[k] = alpha;
            reflector[k - 1] -= alpha;
            var h = Dot(reflector, reflector) / 2;
            if (h == 0)
            {
                continue;
            }

            var image = p.AsSpan(0, k);
            for (var i = 0; i < k; i++)
            {
                image[i] = Dot(a.AsSpan(i * side, k), reflector) / h;
            }

            var factor = Dot(reflector, image) / (2 * h);
            for (var i = 0; i < k; i++)
            {
                image[i] -= factor * reflector[i];
            }

            for (var i = 0; i < k; i++)
            {
                SubtractTwo(a.AsSpan(i * side, k), reflector[i], image, image[i], reflector);
            }
        }

        diagonal[1] = a[side + 1];
        offDiagonal[1] = a[side];
        diagonal[0] = a[0];
    }

    private static double Sparse(ReadOnlySpan<MatrixCell> pairs, ReadOnlySpan<long> marginal, int[] index, int side)
    {
        var entries = new (int I, int J, double Value)[pairs.Length];
        for (var e = 0; e < pairs.Length; e++)
        {
            var (i, j, n) = pairs[e];
            entries[e] = (index[i], index[j], (i == j ? 2 : 1) * n / Math.Sqrt((double)marginal[i] * marginal[j]));
        }

        var known = new double[side];
        for (var i = 1; i < marginal.Length; i++)
        {
            if (marginal[i] > 0)
            {
                known[index[i]] = Math.Sqrt(marginal[i]);
            }
        }

        return Lanczos.LargestMagnitude(
            (x, y) =>
            {
                Array.Clear(y);
                foreach (var (i, j, value) in entries)
                {
                    y[i] += value * x[j];
                    if (i != j)
                    {
                        y[j] += value * x[i];
                    }
                }
            },
            known);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sum = Vector<double>.Zero;
        var va = MemoryMarshal.Cast<double, Vector<double>>(a);
        var vb = MemoryMarshal.Cast<double, Vector<double>>(b[..a.Length]);
        for (var i = 0; i < va.Length; i++)
        {
            sum += va[i] * vb[i];
        }

        var result = Vector.Sum(sum);
        for (var i = va.Length * Vector<double>.Count; i < a.Length; i++)
        {
            result += a[i] * b[i];
        }

        return result;
    }

    /// <summary>row −= a·x + b·y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SubtractTwo(Span<double> row, double a, ReadOnlySpan<double> x, double b, ReadOnlySpan<double> y)
    {
        var vr = MemoryMarshal.Cast<double, Vector<double>>(row);
        var vx = MemoryMarshal.Cast<double, Vector<double>>(x);
        var vy = MemoryMarshal.Cast<double, Vector<double>>(y);
        for (var i = 0; i < vr.Length; i++)
        {
            vr[i] -= (vx[i] * a) + (vy[i] * b);
        }

        for (var i = vr.Length * Vector<double>.Count; i < row.Length; i++)
        {
            row[i] -= (a * x[i]) + (b * y[i]);
        }
    }
}
