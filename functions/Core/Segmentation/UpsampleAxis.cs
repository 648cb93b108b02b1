using System.Buffers;

namespace TumorFunctions.Core.Segmentation;

/// <summary>
/// One axis of the way from the prototype grid to the source image: bilinear from the grid to the network's input, the
/// letterbox borders cut away, bilinear again from what is left to the source. Both steps are linear and act on one axis at a
/// time, so together each source position is a weighted sum of at most three neighbouring grid cells.
/// </summary>
internal sealed class UpsampleAxis : IDisposable
{
    public const int Taps = 3;

    private readonly int[] _first;
    private readonly float[] _weights;

    /// <param name="gridLength">Cells of the prototype grid, no more than there are input pixels.</param>
    /// <param name="cutStart">First input pixel of the image inside the letterbox.</param>
    /// <param name="cutLength">Input pixels of the image.</param>
    public UpsampleAxis(int gridLength, int inputLength, int cutStart, int cutLength, int sourceLength)
    {
        Length = sourceLength;
        _first = ArrayPool<int>.Shared.Rent(sourceLength);
        _weights = ArrayPool<float>.Shared.Rent(sourceLength * Taps);
        for (var i = 0; i < sourceLength; i++)
        {
            var (lower, fraction) = LinearAxis.At(i, cutLength, sourceLength);
            var (a, aFraction) = LinearAxis.At(cutStart + lower, gridLength, inputLength);
            var weights = _weights.AsSpan(i * Taps, Taps);
            weights[0] = (1 - fraction) * (1 - aFraction);
            weights[1] = (1 - fraction) * aFraction;
            weights[2] = 0;
            _first[i] = a;
            if (fraction > 0)
            {
                var (b, bFraction) = LinearAxis.At(cutStart + lower + 1, gridLength, inputLength);
                weights[b - a] += fraction * (1 - bFraction);
                if (bFraction > 0)
                    weights[b - a + 1] += fraction * bFraction;
            }
        }
    }

    public int Length { get; }

    /// <summary>First of the three grid cells of each source position; rises or stays.</summary>
    public ReadOnlySpan<int> First => _first.AsSpan(0, Length);

    /// <summary>Three weights a source position; those of cells beyond the grid are 0.</summary>
    public ReadOnlySpan<float> Weights => _weights.AsSpan(0, Length * Taps);

    /// <summary>Source positions that draw on a grid cell from <paramref name="begin"/> to before <paramref name="end"/>.</summary>
    public (int Begin, int End) Reach(int begin, int end)
    {
        var from = LowerBound(begin - Taps + 1);
        return (from, Math.Max(from, LowerBound(end)));
    }

    public void Dispose()
    {
        ArrayPool<int>.Shared.Return(_first);
        ArrayPool<float>.Shared.Return(_weights);
    }

    private int LowerBound(int cell)
    {
        int low = 0, high = Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_first[middle] < cell)
                low = middle + 1;
            else
                high = middle;
        }

        return low;
    }
}
