namespace TumorFunctions.Core.Tests.Imaging;

/// <summary>
/// Encodes random coefficients as sequential or progressive JPEG, and decodes them by the definition of the inverse DCT.
/// </summary>
internal sealed class JpegBuilder
{
    public static readonly byte[] Order = ZigZag();

    private readonly int[][][] _blocks;
    private readonly int[] _quantization;

    public JpegBuilder(int seed, int width, int height, params (int H, int V)[] sampling)
    {
        Random random = new(seed);
        (Width, Height, Sampling) = (width, height, sampling);
        (MaxH, MaxV) = (sampling.Max(s => s.H), sampling.Max(s => s.V));
        _quantization = [.. Enumerable.Range(0, 64).Select(i => 1 + (i / 8) + random.Next(3))];
        _blocks = [.. sampling.Select(s => Enumerable.Range(0, McusWide * s.H * McusHigh * s.V).Select(_ => Block(random)).ToArray())];
    }

    public int Width { get; }

    public int Height { get; }

    public (int H, int V)[] Sampling { get; }

    public int Precision { get; init; } = 8;

    public bool Progressive { get; init; }

    /// <summary>All components in one scan, or each in its own.</summary>
    public bool Interleaved { get; init; } = true;

    public int Restart { get; init; }

    public JpegCodes Codes { get; init; }

    /// <summary>Segments before the frame, by marker.</summary>
    public List<(int Marker, byte[] Content)> Extra { get; init; } = [];

    private int MaxH { get; }

    private int MaxV { get; }

    private int McusWide => (Width + (8 * MaxH) - 1) / (8 * MaxH);

    private int McusHigh => (Height + (8 * MaxV) - 1) / (8 * MaxV);

    public static void Segment(Stream file, int marker, ReadOnlySpan<byte> content)
    {
        file.Write([0xFF, (byte)marker, (byte)((content.Length + 2) >> 8), (byte)(content.Length + 2)]);
        file.Write(content);
    }

    public byte[] Build()
    {
        MemoryStream file = new();
        file.Write([0xFF, 0xD8]);
        foreach ((int marker, byte[] content) in Extra)
            Segment(file, marker, content);
        Segment(file, 0xDB, [0, .. Order.Select(natural => (byte)_quantization[natural])]);
        byte[] components = [.. Sampling.SelectMany((s, i) => new[] { (byte)(i + 1), (byte)((s.H << 4) | s.V), (byte)0 })];
        Segment(
            file,
            Progressive ? 0xC2 : Precision == 8 ? 0xC0 : 0xC1,
            [(byte)Precision, (byte)(Height >> 8), (byte)Height, (byte)(Width >> 8), (byte)Width, (byte)Sampling.Length, .. components]);
        if (Restart > 0)
            Segment(file, 0xDD, [(byte)(Restart >> 8), (byte)Restart]);

        JpegBits bits = new(file, Codes);
        bits.Table(0, 0);
        bits.Table(1, 0);
        int[] all = [.. Enumerable.Range(0, Sampling.Length)];
        foreach (int[] scan in Interleaved ? [all] : all.Select(c => new[] { c }))
            Scan(file, bits, scan, 0, Progressive ? 0 : 63, 0, Progressive ? 1 : 0);
        if (Progressive)
        {
            foreach (int[] component in all.Select(c => new[] { c }))
            {
                Scan(file, bits, component, 1, 5, 0, 2);
                Scan(file, bits, component, 6, 63, 0, 2);
                Scan(file, bits, component, 1, 63, 2, 1);
                Scan(file, bits, component, 1, 63, 1, 0);
            }

            Scan(file, bits, all, 0, 0, 1, 0);
        }

        file.Write([0xFF, 0xD9]);
        return file.ToArray();
    }

    /// <summary>Samples of a component by the definition of the inverse DCT, repeated where it is subsampled.</summary>
    public double[] ExpectedPlane(int component)
    {
        (int h, int v) = Sampling[component];
        double[] plane = new double[Width * Height];
        double[]?[] decoded = new double[_blocks[component].Length][];
        for (int i = 0; i < plane.Length; i++)
        {
            (int x, int y) = (i % Width * h / MaxH, i / Width * v / MaxV);
            int block = (y / 8 * McusWide * h) + (x / 8);
            plane[i] = (decoded[block] ??= Inverse(_blocks[component][block]))[(8 * (y % 8)) + (x % 8)];
        }

        return plane;
    }

    private static byte[] ZigZag()
    {
        // Diagonal by diagonal, odd ones downwards, even ones upwards.
        IEnumerable<(int X, int Y)> cells = Enumerable.Range(0, 64).Select(i => (i % 8, i / 8));
        return [.. cells.OrderBy(c => c.X + c.Y).ThenBy(c => (c.X + c.Y) % 2 == 0 ? c.X : c.Y).Select(c => (byte)((8 * c.Y) + c.X))];
    }

    private static int[] Block(Random random)
    {
        int[] block = new int[64];
        block[0] = random.Next(-300, 300);
        for (int n = random.Next(0, 2) * random.Next(30); n > 0; n--)
            block[Order[random.Next(1, 64)]] = random.Next(-1, 2) * random.Next(random.Next(2) == 0 ? 3 : 40);
        return block;
    }

    private double[] Inverse(int[] block)
    {
        double[] samples = new double[64];
        for (int y = 0; y < 8; y++)
        {
            for (int x = 0; x < 8; x++)
            {
                double sum = 0;
                for (int i = 0; i < 64; i++)
                {
                    (int u, int v) = (i % 8, i / 8);
                    double scale = (u == 0 ? Math.Sqrt(0.5) : 1) * (v == 0 ? Math.Sqrt(0.5) : 1) / 4;
                    sum += scale * block[i] * _quantization[i]
                        * Math.Cos(((2 * x) + 1) * u * Math.PI / 16) * Math.Cos(((2 * y) + 1) * v * Math.PI / 16);
                }

                samples[(8 * y) + x] = Math.Clamp(sum + (1 << (Precision - 1)), 0, (1 << Precision) - 1);
            }
        }

        return samples;
    }

    private void Scan(MemoryStream file, JpegBits bits, int[] components, int first, int last, int high, int low)
    {
        byte[] selectors = [.. components.SelectMany(c => new[] { (byte)(c + 1), (byte)0 })];
        Segment(file, 0xDA, [(byte)components.Length, .. selectors, (byte)first, (byte)last, (byte)((high << 4) | low)]);
        int[] predictors = new int[Sampling.Length];
        int mcus = 0;
        foreach ((int Component, int Block)[] mcu in Mcus(components))
        {
            if (Restart > 0 && mcus > 0 && mcus % Restart == 0)
            {
                bits.Flush();
                file.Write([0xFF, (byte)(0xD0 + (((mcus / Restart) - 1) % 8))]);
                Array.Clear(predictors);
            }

            mcus++;
            foreach ((int component, int index) in mcu)
            {
                int[] block = _blocks[component][index];
                if (first == 0)
                    Dc(bits, block[0], ref predictors[component], high, low);
                if (last > 0 && high == 0)
                    Ac(bits, block, Math.Max(1, first), last, low);
                else if (last > 0)
                    RefineAc(bits, block, first, last, low);
            }
        }

        bits.Flush();
    }

    private IEnumerable<(int Component, int Block)[]> Mcus(int[] components)
    {
        if (components.Length > 1)
        {
            for (int m = 0; m < McusWide * McusHigh; m++)
            {
                yield return [.. components.SelectMany(c => Enumerable.Range(0, Sampling[c].H * Sampling[c].V).Select(b =>
                {
                    (int h, int v) = Sampling[c];
                    return (c, ((((m / McusWide) * v) + (b / h)) * McusWide * h) + ((m % McusWide) * h) + (b % h));
                }))];
            }

            yield break;
        }

        // Alone, a component has only the blocks that hold samples of the image.
        (int hOnly, int vOnly) = Sampling[components[0]];
        int wide = ((((Width * hOnly) + MaxH - 1) / MaxH) + 7) / 8;
        int high = ((((Height * vOnly) + MaxV - 1) / MaxV) + 7) / 8;
        for (int b = 0; b < wide * high; b++)
            yield return [(components[0], (b / wide * McusWide * hOnly) + (b % wide))];
    }

    private static void Dc(JpegBits bits, int dc, ref int predictor, int high, int low)
    {
        if (high > 0)
        {
            bits.Bits((dc >> low) & 1, 1);
            return;
        }

        int difference = (dc >> low) - predictor;
        predictor = dc >> low;
        int size = JpegBits.Size(difference);
        bits.Symbol(size);
        bits.Magnitude(difference, size);
    }

    private static void Ac(JpegBits bits, int[] block, int first, int last, int low)
    {
        int run = 0;
        for (int k = first; k <= last; k++)
        {
            int value = Math.Sign(block[Order[k]]) * (Math.Abs(block[Order[k]]) >> low);
            if (value == 0)
            {
                run++;
                continue;
            }

            for (; run > 15; run -= 16)
                bits.Symbol(0xF0);
            int size = JpegBits.Size(value);
            bits.Symbol((run << 4) | size);
            bits.Magnitude(value, size);
            run = 0;
        }

        if (run > 0)
            bits.Symbol(0);
    }

    // T.81, G.1.2.3, with an end of band for each block.
    private static void RefineAc(JpegBits bits, int[] block, int first, int last, int low)
    {
        int Value(int k) => Math.Abs(block[Order[k]]) >> low;
        int lastNew = Enumerable.Range(first, last - first + 1).LastOrDefault(k => Value(k) == 1);
        List<int> corrections = [];
        int run = 0;
        for (int k = first; k <= last; k++)
        {
            if (Value(k) == 0)
            {
                run++;
                continue;
            }

            for (; run > 15 && k <= lastNew; run -= 16)
                Emit(0xF0);
            if (Value(k) > 1)
            {
                corrections.Add(Value(k) & 1);
                continue;
            }

            bits.Symbol((run << 4) | 1);
            bits.Bits(block[Order[k]] > 0 ? 1 : 0, 1);
            corrections.ForEach(bit => bits.Bits(bit, 1));
            corrections.Clear();
            run = 0;
        }

        if (run > 0 || corrections.Count > 0)
            Emit(0);

        void Emit(int symbol)
        {
            bits.Symbol(symbol);
            corrections.ForEach(bit => bits.Bits(bit, 1));
            corrections.Clear();
        }
    }
}
