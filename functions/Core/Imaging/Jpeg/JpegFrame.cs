namespace TumorFunctions.Core.Imaging.Jpeg;

/// <summary>What a frame header states (T.81, B.2.2), and the components that the scans fill.</summary>
internal sealed class JpegFrame
{
    private const int MaxComponents = 4;

    private JpegFrame(int marker, int precision, int width, int height, JpegComponent[] components)
    {
        Marker = marker;
        Precision = precision;
        Width = width;
        Height = height;
        Components = components;
        MaxH = components.Max(c => c.H);
        MaxV = components.Max(c => c.V);
    }

    public int Marker { get; }

    public bool IsProgressive => Marker == JpegMarker.Sof2;

    public bool IsLossless => Marker == JpegMarker.Sof3;

    /// <summary>Bits a sample.</summary>
    public int Precision { get; }

    public int Width { get; }

    public int Height { get; }

    public JpegComponent[] Components { get; }

    public int MaxH { get; }

    public int MaxV { get; }

    /// <summary>Side of a coded unit in samples: a block, or a sample where there is no transform.</summary>
    public int Unit => IsLossless ? 1 : 8;

    public int McusWide => DivideUp(Width, Unit * MaxH);

    public int McusHigh => DivideUp(Height, Unit * MaxV);

    /// <exception cref="ImageFormatException">A process that is not read, an impossible header, or a size above the limits.</exception>
    public static JpegFrame Parse(int marker, ReadOnlySpan<byte> segment, ImageLimits limits)
    {
        RequireSupported(marker);
        if (segment.Length < 6 || segment.Length != 6 + (3 * segment[5]))
            throw Refusal.Corrupt("The frame header of the JPEG data has the wrong length.");

        int precision = segment[0];
        int height = (segment[1] << 8) | segment[2];
        int width = (segment[3] << 8) | segment[4];
        if (height == 0)
            throw Refusal.Unsupported("The JPEG data leaves its height open (DNL), which is not read.");

        limits.Check("JPEG", width, height);
        bool validPrecision = marker switch
        {
            JpegMarker.Sof0 => precision == 8,
            JpegMarker.Sof3 => precision is >= 2 and <= 16,
            _ => precision is 8 or 12,
        };
        if (!validPrecision)
            throw Refusal.Corrupt($"The JPEG data states {precision} bits a sample, which its process does not have.");

        if (segment[5] is 0 or > MaxComponents)
            throw Refusal.Unsupported($"The JPEG data has {segment[5]} components; 1 to {MaxComponents} are read.");

        JpegComponent[] components = new JpegComponent[segment[5]];
        for (int i = 0; i < components.Length; i++)
            components[i] = ParseComponent(segment.Slice(6 + (3 * i), 3));
        if (components.DistinctBy(c => c.Id).Count() != components.Length)
            throw Refusal.Corrupt("Two components of the JPEG data have the same number.");

        JpegFrame frame = new(marker, precision, width, height, components);
        frame.LayOut();
        return frame;
    }

    /// <summary>Makes room for the samples that are wanted.</summary>
    public void Allocate()
    {
        foreach (JpegComponent component in Components)
        {
            int samples = checked(component.Stride * component.Rows);
            if (component.Wanted)
                component.Plane = GC.AllocateUninitializedArray<ushort>(samples);
            if (IsProgressive)
                component.Coefficients = new short[samples];
        }
    }

    private static void RequireSupported(int marker)
    {
        string? refused = marker switch
        {
            JpegMarker.Sof0 or JpegMarker.Sof1 or JpegMarker.Sof2 or JpegMarker.Sof3 => null,
            JpegMarker.JpegLs => "JPEG-LS",
            0xC9 or 0xCA or 0xCB => "arithmetic coding",
            _ => "hierarchical coding",
        };
        if (refused is not null)
            throw Refusal.Unsupported($"The JPEG data uses {refused}; baseline, extended, progressive and lossless Huffman coding are read.");
    }

    private static JpegComponent ParseComponent(ReadOnlySpan<byte> bytes)
    {
        (int h, int v) = (bytes[1] >> 4, bytes[1] & 15);
        if (h is < 1 or > 4 || v is < 1 or > 4 || bytes[2] > 3)
            throw Refusal.Corrupt($"A component of the JPEG data states sampling {h}×{v} and quantisation table {bytes[2]}.");
        return new JpegComponent { Id = bytes[0], H = h, V = v, QuantTable = bytes[2] };
    }

    private static int DivideUp(int value, int by) => (value + by - 1) / by;

    private void LayOut()
    {
        foreach (JpegComponent component in Components)
        {
            if (IsLossless && (component.H != MaxH || component.V != MaxV))
                throw Refusal.Unsupported("The lossless JPEG data has subsampled components, which are not read.");

            component.BlocksWide = DivideUp(DivideUp(Width * component.H, MaxH), Unit);
            component.BlocksHigh = DivideUp(DivideUp(Height * component.V, MaxV), Unit);
            component.Stride = IsLossless ? Width : McusWide * component.H * Unit;
            component.Rows = IsLossless ? Height : McusHigh * component.V * Unit;
        }
    }
}
