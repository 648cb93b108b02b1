namespace TumorFunctions.Core.Imaging.Jpeg;

/// <summary>Scans of lossless frames with Huffman coding (T.81, annex H).</summary>
internal sealed class JpegLossless(JpegFrame frame, JpegTables tables, JpegInput input)
{
    public void Read(JpegScan scan, CancellationToken cancellation)
    {
        if (Array.Exists(scan.Components, c => c.IsScanned))
            throw Refusal.Corrupt("Two scans of the lossless JPEG data hold the same component.");

        input.BeginBits();
        int untilRestart = tables.RestartInterval;

        // A restart interval spans whole rows (H.1.1), so that prediction starts over with a row.
        if (tables.RestartInterval % frame.Width != 0)
            throw Refusal.Corrupt("The restart interval of the lossless JPEG data is not a number of rows.");

        bool first = true;
        for (int y = 0; y < frame.Height; y++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (tables.RestartInterval > 0 && untilRestart == 0)
            {
                input.Restart();
                untilRestart = tables.RestartInterval;
                first = true;
            }

            ReadRow(scan, y, first);
            input.RequireBits();
            untilRestart -= frame.Width;
            first = false;
        }

        if (scan.Low > 0)
            Scale(scan);
    }

    private void ReadRow(JpegScan scan, int y, bool first)
    {
        for (int x = 0; x < frame.Width; x++)
        {
            foreach (JpegComponent component in scan.Components)
            {
                int size = input.ReadSymbol(component.Dc!);
                int difference = size switch
                {
                    < 16 => input.ReadSigned(size),
                    16 => 32_768,
                    _ => throw Refusal.Corrupt("The lossless JPEG data has a difference of more than 16 bits."),
                };
                if (!component.Wanted)
                    continue;

                Span<ushort> row = component.Plane.AsSpan(y * component.Stride, frame.Width);
                ReadOnlySpan<ushort> above = first ? default : component.Plane.AsSpan((y - 1) * component.Stride, frame.Width);
                row[x] = (ushort)(Predict(scan, row, above, x) + difference);
            }
        }
    }

    // The first row of an interval predicts from the left, the first column from above (H.1.2.1).
    private int Predict(JpegScan scan, ReadOnlySpan<ushort> row, ReadOnlySpan<ushort> above, int x)
    {
        if (above.IsEmpty)
            return x == 0 ? 1 << (frame.Precision - scan.Low - 1) : row[x - 1];
        if (x == 0)
            return above[0];

        (int a, int b, int c) = (row[x - 1], above[x], above[x - 1]);
        return scan.First switch
        {
            1 => a,
            2 => b,
            3 => c,
            4 => a + b - c,
            5 => a + ((b - c) >> 1),
            6 => b + ((a - c) >> 1),
            _ => (a + b) >> 1,
        };
    }

    private static void Scale(JpegScan scan)
    {
        foreach (JpegComponent component in scan.Components)
        {
            foreach (ref ushort sample in component.Plane.AsSpan())
                sample = (ushort)(sample << scan.Low);
        }
    }
}
