namespace TumorFunctions.Core.Imaging.Jpeg;

/// <summary>Scans of progressive frames (T.81, annex G): they refine coefficients, which become samples at the end.</summary>
internal sealed class JpegProgressive(JpegFrame frame, JpegTables tables, JpegInput input)
{
    // Blocks still to come whose band has no further coefficients.
    private int _endOfBandRun;

    public void Read(JpegScan scan, CancellationToken cancellation)
    {
        _endOfBandRun = 0;
        JpegMcuWalker.BlockReader reader = (scan.First, scan.High) switch
        {
            (0, 0) => (component, column, row) => ReadDc(component, Block(component, column, row), scan.Low),
            (0, _) => (component, column, row) => RefineDc(Block(component, column, row), scan.Low),
            (_, 0) => (component, column, row) => ReadAc(component, Block(component, column, row), scan),
            _ => (component, column, row) => RefineAc(component, Block(component, column, row), scan),
        };
        new JpegMcuWalker(frame, tables, input).Walk(scan, reader, () => _endOfBandRun = 0, cancellation);
    }

    /// <summary>Turns the coefficients into samples once every scan is read.</summary>
    public void Finish(CancellationToken cancellation)
    {
        foreach (JpegComponent component in frame.Components)
        {
            if (!component.Wanted)
                continue;

            for (int row = 0; row < component.BlocksHigh; row++)
            {
                cancellation.ThrowIfCancellationRequested();
                for (int column = 0; column < component.BlocksWide; column++)
                {
                    Span<ushort> samples = component.Plane.AsSpan((8 * row * component.Stride) + (8 * column));
                    JpegIdct.Transform(
                        Block(component, column, row), component.Quantization, samples, component.Stride, frame.Precision);
                }
            }
        }
    }

    private static Span<short> Block(JpegComponent component, int column, int row) =>
        component.Coefficients.AsSpan(64 * ((row * (component.Stride / 8)) + column), 64);

    private void ReadDc(JpegComponent component, Span<short> block, int low)
    {
        int size = input.ReadSymbol(component.Dc!);
        if (size > 15)
            throw Refusal.Corrupt("The JPEG data has a DC coefficient of more than 15 bits.");
        component.Predictor += input.ReadSigned(size);
        block[0] = (short)(component.Predictor << low);
    }

    private void RefineDc(Span<short> block, int low) => block[0] |= (short)(input.ReadBits(1) << low);

    private void ReadAc(JpegComponent component, Span<short> block, JpegScan scan)
    {
        if (_endOfBandRun > 0)
        {
            _endOfBandRun--;
            return;
        }

        for (int k = scan.First; k <= scan.Last; k++)
        {
            int symbol = input.ReadSymbol(component.Ac!);
            int run = symbol >> 4;
            int size = symbol & 15;
            if (size != 0)
            {
                k += run;
                block[JpegZigZag.Order[k]] = (short)(input.ReadSigned(size) << scan.Low);
            }
            else if (run == 15)
            {
                k += 15;
            }
            else
            {
                _endOfBandRun = ReadRun(run) - 1;
                break;
            }
        }
    }

    private void RefineAc(JpegComponent component, Span<short> block, JpegScan scan)
    {
        int k = scan.First;
        short unit = (short)(1 << scan.Low);
        while (_endOfBandRun == 0 && k <= scan.Last)
        {
            int symbol = input.ReadSymbol(component.Ac!);
            int run = symbol >> 4;
            short value = 0;
            if ((symbol & 15) != 0)
            {
                value = input.ReadBits(1) != 0 ? unit : (short)-unit;
            }
            else if (run < 15)
            {
                _endOfBandRun = ReadRun(run);
                break;
            }

            // Over the run of zeros: coefficients that exist already get their correction bits in passing.
            for (; k <= scan.Last; k++)
            {
                ref short coefficient = ref block[JpegZigZag.Order[k]];
                if (coefficient != 0)
                    Correct(ref coefficient, unit);
                else if (run-- == 0)
                    break;
            }

            if (value != 0 && k <= scan.Last)
                block[JpegZigZag.Order[k]] = value;
            k++;
        }

        if (_endOfBandRun == 0)
            return;

        for (; k <= scan.Last; k++)
        {
            ref short coefficient = ref block[JpegZigZag.Order[k]];
            if (coefficient != 0)
                Correct(ref coefficient, unit);
        }

        _endOfBandRun--;
    }

    private int ReadRun(int size) => (1 << size) + input.ReadBits(size);

    private void Correct(ref short coefficient, short unit)
    {
        if (input.ReadBits(1) != 0 && (coefficient & unit) == 0)
            coefficient += coefficient > 0 ? unit : (short)-unit;
    }
}
