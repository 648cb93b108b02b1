namespace TumorFunctions.Core.Imaging.Jpeg;

/// <summary>Scans of baseline and extended sequential frames: every block goes straight to samples.</summary>
internal sealed class JpegSequential(JpegFrame frame, JpegTables tables, JpegInput input)
{
    public void Read(JpegScan scan, CancellationToken cancellation)
    {
        if (Array.Exists(scan.Components, c => c.IsScanned))
            throw Refusal.Corrupt("Two scans of the sequential JPEG data hold the same component.");

        new JpegMcuWalker(frame, tables, input).Walk(scan, ReadBlock, restarted: null, cancellation);
    }

    private void ReadBlock(JpegComponent component, int column, int row)
    {
        Span<short> block = stackalloc short[64];
        block.Clear();
        bool hasAc = input.ReadBlock(component.Dc!, component.Ac!, block, ref component.Predictor);
        if (!component.Wanted)
            return;

        Span<ushort> samples = component.Plane.AsSpan((8 * row * component.Stride) + (8 * column));
        if (hasAc)
            JpegIdct.Transform(block, component.Quantization, samples, component.Stride, frame.Precision);
        else
            JpegIdct.Flat(block[0] * component.Quantization![0], samples, component.Stride, frame.Precision);
    }
}
