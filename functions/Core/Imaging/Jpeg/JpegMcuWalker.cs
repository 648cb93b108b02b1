namespace TumorFunctions.Core.Imaging.Jpeg;

/// <summary>Takes the blocks of a scan in the order of T.81, A.2, and keeps to its restart intervals.</summary>
internal sealed class JpegMcuWalker(JpegFrame frame, JpegTables tables, JpegInput input)
{
    /// <summary>Decodes one block of a component.</summary>
    public delegate void BlockReader(JpegComponent component, int column, int row);

    private int _untilRestart;

    /// <param name="scan">One component: its own blocks row by row; several: interleaved MCUs.</param>
    /// <param name="readBlock">Called for every block.</param>
    /// <param name="restarted">Called after every restart marker.</param>
    public void Walk(JpegScan scan, BlockReader readBlock, Action? restarted, CancellationToken cancellation)
    {
        input.BeginBits();
        _untilRestart = tables.RestartInterval;
        JpegComponent only = scan.Components[0];
        (int wide, int high) = scan.Components.Length == 1 ? (only.BlocksWide, only.BlocksHigh) : (frame.McusWide, frame.McusHigh);
        for (int row = 0; row < high; row++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (int column = 0; column < wide; column++)
            {
                RestartIfDue(scan, restarted);
                if (scan.Components.Length == 1)
                    readBlock(only, column, row);
                else
                    ReadMcu(scan, readBlock, column, row);
            }

            input.RequireBits();
        }
    }

    private static void ReadMcu(JpegScan scan, BlockReader readBlock, int column, int row)
    {
        foreach (JpegComponent component in scan.Components)
        {
            for (int v = 0; v < component.V; v++)
            {
                for (int h = 0; h < component.H; h++)
                    readBlock(component, (column * component.H) + h, (row * component.V) + v);
            }
        }
    }

    private void RestartIfDue(JpegScan scan, Action? restarted)
    {
        if (tables.RestartInterval == 0)
            return;

        if (_untilRestart == 0)
        {
            input.Restart();
            foreach (JpegComponent component in scan.Components)
                component.Predictor = 0;
            restarted?.Invoke();
            _untilRestart = tables.RestartInterval;
        }

        _untilRestart--;
    }
}
