namespace TumorFunctions.Core.Imaging.Jpeg;

/// <summary>A scan header (T.81, B.2.3).</summary>
/// <param name="Components">In the order of the MCU.</param>
/// <param name="First">First coefficient of the band; the predictor of a lossless scan.</param>
/// <param name="Last">Last coefficient of the band.</param>
/// <param name="High">Successive approximation: bit position of the scan before, 0 in the first.</param>
/// <param name="Low">Bit position of this scan; the point transform of a lossless scan.</param>
internal sealed record JpegScan(JpegComponent[] Components, int First, int Last, int High, int Low)
{
    private const int MaxBlocksOfMcu = 10;

    public static JpegScan Parse(ReadOnlySpan<byte> segment, JpegFrame frame, JpegTables tables)
    {
        int count = segment.IsEmpty ? 0 : segment[0];
        if (count == 0 || count > frame.Components.Length || segment.Length != 4 + (2 * count))
            throw Refusal.Corrupt("A scan header of the JPEG data is malformed.");

        ReadOnlySpan<byte> tail = segment[(1 + (2 * count))..];
        JpegComponent[] components = new JpegComponent[count];
        JpegScan scan = new(components, tail[0], tail[1], tail[2] >> 4, tail[2] & 15);
        for (int i = 0; i < count; i++)
        {
            int id = segment[1 + (2 * i)];
            JpegComponent component = Array.Find(frame.Components, c => c.Id == id)
                ?? throw Refusal.Corrupt($"A scan of the JPEG data names component {id}, which the frame does not have.");
            if (Array.IndexOf(components, component) >= 0)
                throw Refusal.Corrupt($"A scan of the JPEG data names component {id} twice.");

            components[i] = component;
            scan.BindTables(component, segment[2 + (2 * i)], frame, tables);
        }

        if (count > 1 && components.Sum(c => c.H * c.V) > MaxBlocksOfMcu)
            throw Refusal.Corrupt("A scan of the JPEG data has more than 10 blocks in an MCU.");
        scan.Validate(frame);
        return scan;
    }

    private void BindTables(JpegComponent component, int selectors, JpegFrame frame, JpegTables tables)
    {
        bool needsDc = !frame.IsProgressive || (First == 0 && High == 0);
        bool needsAc = frame.IsProgressive ? First > 0 : !frame.IsLossless;
        component.Dc = needsDc ? tables.Dc(selectors >> 4) : null;
        component.Ac = needsAc ? tables.Ac(selectors & 15) : null;
        if (!frame.IsLossless)
            component.Quantization ??= tables.Quantization(component.QuantTable);
        component.Predictor = 0;
    }

    private void Validate(JpegFrame frame)
    {
        bool valid = frame.Marker switch
        {
            JpegMarker.Sof3 => First is >= 1 and <= 7 && Low < frame.Precision,
            JpegMarker.Sof2 => First <= Last && Last < 64 && Low <= 13 && (High == 0 || High == Low + 1)
                && (First == 0 ? Last == 0 : Components.Length == 1),
            _ => true,
        };
        if (!valid)
            throw Refusal.Corrupt($"A scan of the JPEG data states band {First}–{Last} and bits {High}, {Low}, which its process does not have.");
    }
}
