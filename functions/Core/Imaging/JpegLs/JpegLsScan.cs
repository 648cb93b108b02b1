namespace TumorFunctions.Core.Imaging.JpegLs;

/// <summary>
/// Decodes the samples of a scan with the context model of T.87, annex A: gradients choose a context; flat places are coded
/// as runs.
/// </summary>
internal sealed class JpegLsScan
{
    private const int Contexts = 365;
    private const int MinBias = -128;
    private const int MaxBias = 127;

    private readonly JpegLsBits _bits;
    private readonly JpegLsParameters _p;
    private readonly int _width;

    // Per regular context: sum of magnitudes, sum of errors, correction, count. Two contexts more end runs.
    private readonly int[] _magnitude = new int[Contexts + 2];
    private readonly int[] _error = new int[Contexts];
    private readonly int[] _bias = new int[Contexts];
    private readonly int[] _count = new int[Contexts + 2];
    private readonly int[] _negative = new int[2];

    public JpegLsScan(JpegLsBits bits, JpegLsParameters parameters, int width)
    {
        _bits = bits;
        _p = parameters;
        _width = width;
        Array.Fill(_magnitude, Math.Max(2, (parameters.Range + 32) / 64));
        Array.Fill(_count, 1);
    }

    // A.7.1.1: run lengths by run index, as powers of two.
    private static ReadOnlySpan<byte> RunOrders =>
        [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15];

    /// <summary>Decodes a line of one component.</summary>
    /// <param name="line">Width + 2 samples, the first at index 1; index 0 holds the left neighbour of the first.</param>
    /// <param name="above">The line above, laid out alike; its last sample stands twice.</param>
    /// <param name="runIndex">State of the runs of the component.</param>
    public void ReadLine(int[] line, int[] above, ref int runIndex)
    {
        line[0] = above[1];
        above[_width + 1] = above[_width];
        int x = 1;
        while (x <= _width)
        {
            (int a, int b, int c, int d) = (line[x - 1], above[x], above[x - 1], above[x + 1]);
            int context = (81 * _p.Quantize(d - b)) + (9 * _p.Quantize(b - c)) + _p.Quantize(c - a);
            if (context != 0)
            {
                line[x++] = ReadRegular(context, a, b, c);
                continue;
            }

            x = ReadRun(line, x, ref runIndex);
            if (x > _width)
                break;

            line[x] = ReadRunEnd(line[x - 1], above[x], canBeFlat: true, runIndex);
            runIndex = Math.Max(0, runIndex - 1);
            x++;
        }
    }

    /// <summary>Decodes a line of components that take turns sample by sample.</summary>
    public void ReadInterleaved(int[][] lines, int[][] above, ref int runIndex)
    {
        for (int c = 0; c < lines.Length; c++)
        {
            lines[c][0] = above[c][1];
            above[c][_width + 1] = above[c][_width];
        }

        Span<int> contexts = stackalloc int[lines.Length];
        int x = 1;
        while (x <= _width)
        {
            bool flat = true;
            for (int c = 0; c < lines.Length; c++)
            {
                contexts[c] = (81 * _p.Quantize(above[c][x + 1] - above[c][x]))
                    + (9 * _p.Quantize(above[c][x] - above[c][x - 1]))
                    + _p.Quantize(above[c][x - 1] - lines[c][x - 1]);
                flat &= contexts[c] == 0;
            }

            if (!flat)
            {
                for (int c = 0; c < lines.Length; c++)
                    lines[c][x] = ReadRegular(contexts[c], lines[c][x - 1], above[c][x], above[c][x - 1]);
                x++;
                continue;
            }

            int start = x;
            x = ReadRun(lines[0], x, ref runIndex);
            for (int c = 1; c < lines.Length; c++)
                lines[c].AsSpan(start, x - start).Fill(lines[c][start - 1]);
            if (x > _width)
                break;

            for (int c = 0; c < lines.Length; c++)
                lines[c][x] = ReadRunEnd(lines[c][x - 1], above[c][x], canBeFlat: false, runIndex);
            runIndex = Math.Max(0, runIndex - 1);
            x++;
        }
    }

    private int ReadRegular(int context, int a, int b, int c)
    {
        // Mirrored contexts share their statistics (A.3.4).
        int sign = context < 0 ? -1 : 1;
        int q = Math.Abs(context);
        int prediction = c >= Math.Max(a, b) ? Math.Min(a, b) : c <= Math.Min(a, b) ? Math.Max(a, b) : a + b - c;
        prediction = Math.Clamp(prediction + (sign * _bias[q]), 0, _p.MaxValue);
        int k = Order(_magnitude[q], _count[q]);
        int mapped = _bits.Golomb(k, _p.Limit, _p.RangeBits);
        int error = (mapped & 1) == 0 ? mapped >> 1 : -((mapped + 1) >> 1);

        // A.5.2: where errors lean to the negative, the map is turned round.
        if (_p.Near == 0 && k == 0 && 2 * _error[q] <= -_count[q])
            error = -error - 1;
        Update(q, error);
        return _p.Reconstruct(prediction, sign * error);
    }

    // A.6.
    private void Update(int q, int error)
    {
        _error[q] += error * ((2 * _p.Near) + 1);
        _magnitude[q] += Math.Abs(error);
        if (_count[q] == _p.Reset)
        {
            _magnitude[q] >>= 1;
            _error[q] >>= 1;
            _count[q] >>= 1;
        }

        _count[q]++;
        if (_error[q] <= -_count[q])
        {
            _error[q] = Math.Max(_error[q] + _count[q], 1 - _count[q]);
            _bias[q] = Math.Max(MinBias, _bias[q] - 1);
        }
        else if (_error[q] > 0)
        {
            _error[q] = Math.Min(_error[q] - _count[q], 0);
            _bias[q] = Math.Min(MaxBias, _bias[q] + 1);
        }
    }

    // A.7.1; the index of the first sample behind the run.
    private int ReadRun(int[] line, int x, ref int runIndex)
    {
        int value = line[x - 1];
        while (x <= _width)
        {
            int length = 1 << RunOrders[runIndex];
            if (_bits.Bit() == 0)
            {
                length = _bits.Bits(RunOrders[runIndex]);
                if (length > _width - x)
                    throw Refusal.Corrupt("The JPEG-LS data is damaged: a run leaves its line.");
                line.AsSpan(x, length).Fill(value);
                return x + length;
            }

            int fitting = Math.Min(length, _width + 1 - x);
            line.AsSpan(x, fitting).Fill(value);
            x += fitting;
            if (fitting == length && runIndex < RunOrders.Length - 1)
                runIndex++;
        }

        return x;
    }

    // A.7.2: the sample that ends a run.
    private int ReadRunEnd(int a, int b, bool canBeFlat, int runIndex)
    {
        int flat = canBeFlat && Math.Abs(a - b) <= _p.Near ? 1 : 0;
        int sign = flat == 0 && a > b ? -1 : 1;
        int q = Contexts + flat;
        int k = Order(_magnitude[q] + (flat * (_count[q] >> 1)), _count[q]);
        int mapped = _bits.Golomb(k, _p.Limit - RunOrders[runIndex] - 1, _p.RangeBits);
        int folded = mapped + flat;
        bool isOdd = (folded & 1) != 0;
        int error = (folded + (isOdd ? 1 : 0)) / 2;
        if (isOdd == (k != 0 || 2 * _negative[flat] >= _count[q]))
            error = -error;

        if (error < 0)
            _negative[flat]++;
        _magnitude[q] += (mapped + 1 - flat) >> 1;
        if (_count[q] == _p.Reset)
        {
            _magnitude[q] >>= 1;
            _count[q] >>= 1;
            _negative[flat] >>= 1;
        }

        _count[q]++;
        return _p.Reconstruct(flat == 1 ? a : b, sign * error);
    }

    // The Golomb parameter: the least k with count · 2^k ≥ magnitude.
    private static int Order(int magnitude, int count)
    {
        int k = 0;
        while ((long)count << k < magnitude)
            k++;
        return k;
    }
}
