namespace TumorFunctions.Core.Tests.Imaging;

/// <summary>Encodes samples as JPEG-LS, following the procedures of ITU-T T.87, annex A, in their order.</summary>
internal sealed class JpegLsBuilder
{
    private static readonly int[] J = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15];

    private readonly List<bool> _bits = [];
    private int[] _a = [];
    private int[] _b = [];
    private int[] _c = [];
    private int[] _n = [];
    private int[] _nn = [];

    public required int Width { get; init; }

    public required int Height { get; init; }

    public required int[][] Planes { get; init; }

    public int Precision { get; init; } = 8;

    public int Near { get; init; }

    /// <summary>0 each component in a scan of its own, 1 by line, 2 by sample.</summary>
    public int Interleave { get; init; }

    /// <summary>Thresholds and reset; the defaults where they are zero.</summary>
    public int[] Preset { get; init; } = [0, 0, 0, 0];

    private int MaxValue => (1 << Precision) - 1;

    private int Range => ((MaxValue + (2 * Near)) / ((2 * Near) + 1)) + 1;

    private int Limit => 2 * (Math.Max(2, Precision) + Math.Max(8, Precision));

    private int Qbpp => (int)Math.Ceiling(Math.Log2(Range));

    public byte[] Build()
    {
        MemoryStream file = new();
        file.Write([0xFF, 0xD8]);
        byte[] components = [.. Planes.SelectMany((_, i) => new[] { (byte)(i + 1), (byte)0x11, (byte)0 })];
        JpegBuilder.Segment(
            file, 0xF7, [(byte)Precision, (byte)(Height >> 8), (byte)Height, (byte)(Width >> 8), (byte)Width, (byte)Planes.Length, .. components]);
        if (Preset.Any(p => p != 0))
            JpegBuilder.Segment(file, 0xF8, [1, 0, 0, .. Preset.SelectMany(p => new[] { (byte)(p >> 8), (byte)p })]);
        int[] all = [.. Enumerable.Range(0, Planes.Length)];
        foreach (int[] scan in Interleave == 0 ? all.Select(c => new[] { c }) : [all])
        {
            byte[] selectors = [.. scan.SelectMany(c => new[] { (byte)(c + 1), (byte)0 })];
            JpegBuilder.Segment(file, 0xDA, [(byte)scan.Length, .. selectors, (byte)Near, (byte)(scan.Length > 1 ? Interleave : 0), 0]);
            Encode([.. scan.Select(c => Planes[c])]);
            Flush(file);
        }

        file.Write([0xFF, 0xD9]);
        return file.ToArray();
    }

    private void Encode(int[][] planes)
    {
        _a = Enumerable.Repeat(Math.Max(2, (Range + 32) / 64), 367).ToArray();
        _b = new int[365];
        _c = new int[365];
        _n = Enumerable.Repeat(1, 367).ToArray();
        _nn = new int[2];
        int[][] reconstructed = [.. planes.Select(p => new int[p.Length])];
        int[] runIndex = new int[planes.Length];
        for (int y = 0; y < Height; y++)
        {
            if (Interleave == 2 && planes.Length > 1)
            {
                Line(planes, reconstructed, y, ref runIndex[0], bySample: true);
                continue;
            }

            for (int c = 0; c < planes.Length; c++)
                Line([planes[c]], [reconstructed[c]], y, ref runIndex[c], bySample: false);
        }
    }

    private void Line(int[][] planes, int[][] reconstructed, int y, ref int runIndex, bool bySample)
    {
        int x = 0;
        while (x < Width)
        {
            (int A, int B, int C, int D)[] around = [.. reconstructed.Select(r => Around(r, x, y))];
            if (around.Any(n => Context(n) != 0))
            {
                for (int c = 0; c < planes.Length; c++)
                    reconstructed[c][(y * Width) + x] = Regular(planes[c][(y * Width) + x], around[c]);
                x++;
                continue;
            }

            int run = 0;
            while (x + run < Width && Enumerable.Range(0, planes.Length).All(c => Math.Abs(planes[c][(y * Width) + x + run] - around[c].A) <= Near))
                run++;
            for (int i = 0; i < run; i++)
            {
                for (int c = 0; c < planes.Length; c++)
                    reconstructed[c][(y * Width) + x + i] = around[c].A;
            }

            x += run;
            while (run >= 1 << J[runIndex])
            {
                _bits.Add(true);
                run -= 1 << J[runIndex];
                runIndex = Math.Min(31, runIndex + 1);
            }

            if (x == Width)
            {
                if (run > 0)
                    _bits.Add(true);
                return;
            }

            _bits.Add(false);
            Bits(run, J[runIndex]);
            for (int c = 0; c < planes.Length; c++)
            {
                (int a, int b, _, _) = Around(reconstructed[c], x, y);
                reconstructed[c][(y * Width) + x] = RunEnd(planes[c][(y * Width) + x], a, b, !bySample && Math.Abs(a - b) <= Near, runIndex);
            }

            runIndex = Math.Max(0, runIndex - 1);
            x++;
        }
    }

    // A.2.1: outside the image the neighbours are zero above, and to the left that of the line above.
    private (int A, int B, int C, int D) Around(int[] r, int x, int y)
    {
        int At(int column, int row) => row < 0 ? 0 : column < 0 ? At(0, row - 1) : r[(row * Width) + Math.Min(column, Width - 1)];
        return (At(x - 1, y), At(x, y - 1), At(x - 1, y - 1), At(x + 1, y - 1));
    }

    private int Context((int A, int B, int C, int D) n) => (81 * Quantize(n.D - n.B)) + (9 * Quantize(n.B - n.C)) + Quantize(n.C - n.A);

    private int Quantize(int d)
    {
        int clamp(int i, int j) => i > MaxValue || i < j ? j : i;
        int factor = MaxValue >= 128 ? (Math.Min(MaxValue, 4095) + 128) / 256 : 256 / (MaxValue + 1);
        int basic1 = MaxValue >= 128 ? (factor * 1) + 2 : Math.Max(2, 3 / factor);
        int basic2 = MaxValue >= 128 ? (factor * 4) + 3 : Math.Max(3, 7 / factor);
        int basic3 = MaxValue >= 128 ? (factor * 17) + 4 : Math.Max(4, 21 / factor);
        int t1 = Preset[0] != 0 ? Preset[0] : clamp(basic1 + (3 * Near), Near + 1);
        int t2 = Preset[1] != 0 ? Preset[1] : clamp(basic2 + (5 * Near), t1);
        int t3 = Preset[2] != 0 ? Preset[2] : clamp(basic3 + (7 * Near), t2);
        return d <= -t3 ? -4 : d <= -t2 ? -3 : d <= -t1 ? -2 : d < -Near ? -1 : d <= Near ? 0 : d < t1 ? 1 : d < t2 ? 2 : d < t3 ? 3 : 4;
    }

    private int Regular(int sample, (int A, int B, int C, int D) n)
    {
        int context = Context(n);
        int sign = context < 0 ? -1 : 1;
        int q = Math.Abs(context);
        int px = n.C >= Math.Max(n.A, n.B) ? Math.Min(n.A, n.B) : n.C <= Math.Min(n.A, n.B) ? Math.Max(n.A, n.B) : n.A + n.B - n.C;
        px = Math.Clamp(px + (sign * _c[q]), 0, MaxValue);
        int error = Fold(sign * (sample - px));
        int rx = Rebuild(px, sign * error);
        int k = 0;
        while (_n[q] << k < _a[q])
            k++;
        bool turned = Near == 0 && k == 0 && 2 * _b[q] <= -_n[q];
        int mapped = turned
            ? error >= 0 ? (2 * error) + 1 : -2 * (error + 1)
            : error >= 0 ? 2 * error : (-2 * error) - 1;
        Golomb(mapped, k, Limit);
        _b[q] += error * ((2 * Near) + 1);
        _a[q] += Math.Abs(error);
        if (_n[q] == Reset)
        {
            _a[q] >>= 1;
            _b[q] = _b[q] >= 0 ? _b[q] >> 1 : -((1 - _b[q]) >> 1);
            _n[q] >>= 1;
        }

        _n[q]++;
        if (_b[q] <= -_n[q])
        {
            _b[q] += _n[q];
            if (_c[q] > -128)
                _c[q]--;
            if (_b[q] <= -_n[q])
                _b[q] = -_n[q] + 1;
        }
        else if (_b[q] > 0)
        {
            _b[q] -= _n[q];
            if (_c[q] < 127)
                _c[q]++;
            if (_b[q] > 0)
                _b[q] = 0;
        }

        return rx;
    }

    private int Reset => Preset[3] != 0 ? Preset[3] : 64;

    private int RunEnd(int sample, int a, int b, bool flat, int runIndex)
    {
        int type = flat ? 1 : 0;
        int q = 365 + type;
        int px = flat ? a : b;
        int sign = !flat && a > b ? -1 : 1;
        int error = Fold(sign * (sample - px));
        int rx = Rebuild(px, sign * error);
        int temp = flat ? _a[q] + (_n[q] >> 1) : _a[q];
        int k = 0;
        while (_n[q] << k < temp)
            k++;
        bool map = (k == 0 && error > 0 && 2 * _nn[type] < _n[q]) || (error < 0 && (2 * _nn[type] >= _n[q] || k != 0));
        int mapped = (2 * Math.Abs(error)) - type - (map ? 1 : 0);
        Golomb(mapped, k, Limit - J[runIndex] - 1);
        if (error < 0)
            _nn[type]++;
        _a[q] += (mapped + 1 - type) >> 1;
        if (_n[q] == Reset)
        {
            _a[q] >>= 1;
            _n[q] >>= 1;
            _nn[type] >>= 1;
        }

        _n[q]++;
        return rx;
    }

    // A.4.4 and A.4.5: quantise, then reduce modulo the range.
    private int Fold(int error)
    {
        error = error > 0 ? (Near + error) / ((2 * Near) + 1) : -((Near - error) / ((2 * Near) + 1));
        if (error < 0)
            error += Range;
        return error >= (Range + 1) / 2 ? error - Range : error;
    }

    private int Rebuild(int px, int error)
    {
        int step = (2 * Near) + 1;
        int rx = px + (error * step);
        if (rx < -Near)
            rx += Range * step;
        else if (rx > MaxValue + Near)
            rx -= Range * step;
        return Math.Clamp(rx, 0, MaxValue);
    }

    private void Golomb(int value, int k, int limit)
    {
        int high = value >> k;
        if (high < limit - Qbpp - 1)
        {
            Bits(1, high + 1);
            Bits(value, k);
        }
        else
        {
            Bits(1, limit - Qbpp);
            Bits(value - 1, Qbpp);
        }
    }

    private void Bits(int value, int length)
    {
        for (int i = length - 1; i >= 0; i--)
            _bits.Add(i < 32 && ((value >> i) & 1) != 0);
    }

    private void Flush(Stream file)
    {
        int previous = 0;
        for (int i = 0; i < _bits.Count;)
        {
            int width = previous == 0xFF ? 7 : 8;
            int value = 0;
            for (int bit = 0; bit < width; bit++, i++)
                value = (value << 1) | (i < _bits.Count && _bits[i] ? 1 : 0);
            file.WriteByte((byte)value);
            previous = value;
        }

        if (previous == 0xFF)
            file.WriteByte(0);
        _bits.Clear();
    }
}
