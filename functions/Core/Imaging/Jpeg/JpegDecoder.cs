namespace TumorFunctions.Core.Imaging.Jpeg;

/// <summary>
/// Decodes JPEG (ITU-T T.81) with Huffman coding: baseline, extended, progressive and lossless, 2 to 16 bits.
/// </summary>
internal sealed class JpegDecoder
{
    // A progressive file has ten or so scans; each costs a pass over the image however short it is.
    private const int MaxScans = 256;

    // Every 8×8 block takes at least one bit, every lossless sample too.
    private const int BlocksOfByte = 8;

    private readonly JpegInput _input;
    private readonly JpegTables _tables;
    private readonly ImageLimits _limits;
    private readonly long _length;

    private JpegFrame? _frame;
    private JpegColour _colour;
    private JpegSequential? _sequential;
    private JpegProgressive? _progressive;
    private JpegLossless? _lossless;
    private int _scans;

    /// <param name="stream">Starts with the SOI marker.</param>
    /// <param name="tables">Tables that precede the stream, where it is abbreviated.</param>
    public JpegDecoder(Stream stream, ImageLimits limits, JpegTables? tables = null)
    {
        _input = new JpegInput(stream);
        _tables = tables ?? new JpegTables();
        _limits = limits;
        _length = stream.Length - stream.Position;
    }

    public JpegMetadata Metadata { get; } = new();

    /// <summary>What the container says of the colours; a stream with an Adobe segment knows better.</summary>
    public JpegColour? DeclaredColour { get; init; }

    /// <summary>Whether a stream without its end marker is refused; in containers that state lengths it is harmless.</summary>
    public bool RequiresEnd { get; init; }

    public JpegImage Decode(CancellationToken cancellation)
    {
        if (_input.ReadUInt16() != 0xFF00 + JpegMarker.Soi)
            throw Refusal.Corrupt("The JPEG data does not start with its marker.");

        int marker = _input.NextMarker();
        while (marker != JpegMarker.Eoi)
        {
            if (marker < 0)
            {
                if (RequiresEnd || _frame is null)
                    throw Refusal.Truncated("The JPEG data");
                break;
            }

            Read(marker, cancellation);
            marker = _input.NextMarker();
        }

        if (_frame is null || Array.Exists(_frame.Components, c => c.Wanted && !c.IsScanned))
            throw Refusal.Corrupt("The JPEG data ends before its image.");

        _progressive?.Finish(cancellation);
        return new JpegImage(_frame, _colour, isAdobe: Metadata.AdobeTransform is not null);
    }

    private void Read(int marker, CancellationToken cancellation)
    {
        if (JpegMarker.IsFrame(marker))
            BeginFrame(marker);
        else if (marker == JpegMarker.Sos)
            ReadScan(cancellation);
        else if (marker is >= JpegMarker.App0 and <= JpegMarker.App14)
            Metadata.Read(marker, _input.ReadSegment());
        else if (marker is not (JpegMarker.Tem or (>= JpegMarker.Rst0 and <= JpegMarker.Soi)) && !_tables.TryRead(marker, _input))
            _input.SkipSegment();
    }

    private void BeginFrame(int marker)
    {
        if (_frame is not null)
            throw Refusal.Corrupt("The JPEG data has two frames.");

        _frame = JpegFrame.Parse(marker, _input.ReadSegment(), _limits);
        long units = _frame.Components.Max(c => (long)c.BlocksWide * c.BlocksHigh);
        if (units / BlocksOfByte > _length)
            throw Refusal.Corrupt($"The JPEG is truncated: {_frame.Width}×{_frame.Height} pixels do not fit into {_length} bytes.");

        _colour = Metadata.AdobeTransform is null
            && DeclaredColour is { } declared
            && ComponentsOf(declared) == _frame.Components.Length
            ? declared
            : DetectColour(_frame.Components);

        // The luma of YCbCr is its Y: the chroma need not be decoded.
        for (int i = 0; i < _frame.Components.Length; i++)
            _frame.Components[i].Wanted = i == 0 || _colour is JpegColour.Rgb or JpegColour.Cmyk || (_colour == JpegColour.Ycck && i == 3);

        _frame.Allocate();
        if (_frame.IsLossless)
            _lossless = new JpegLossless(_frame, _tables, _input);
        else if (_frame.IsProgressive)
            _progressive = new JpegProgressive(_frame, _tables, _input);
        else
            _sequential = new JpegSequential(_frame, _tables, _input);
    }

    private static int ComponentsOf(JpegColour colour) => colour switch
    {
        JpegColour.Grey => 1,
        JpegColour.YCbCr or JpegColour.Rgb => 3,
        _ => 4,
    };

    // As the Independent JPEG Group's library tells them.
    private JpegColour DetectColour(JpegComponent[] components) => components.Length switch
    {
        1 => JpegColour.Grey,
        3 when !Metadata.IsJfif && Metadata.AdobeTransform == 0 => JpegColour.Rgb,
        3 when !Metadata.IsJfif && Metadata.AdobeTransform is null && components is [{ Id: 'R' }, { Id: 'G' }, { Id: 'B' }] => JpegColour.Rgb,
        3 => JpegColour.YCbCr,
        4 when Metadata.AdobeTransform == 2 => JpegColour.Ycck,
        4 => JpegColour.Cmyk,
        _ => throw Refusal.Unsupported("The JPEG data has two components, which stand for no known colours."),
    };

    private void ReadScan(CancellationToken cancellation)
    {
        if (_frame is null)
            throw Refusal.Corrupt("The JPEG data has a scan before its frame.");
        if (++_scans > MaxScans)
            throw Refusal.Corrupt($"The JPEG data has more than {MaxScans} scans.");

        JpegScan scan = JpegScan.Parse(_input.ReadSegment(), _frame, _tables);
        _sequential?.Read(scan, cancellation);
        _progressive?.Read(scan, cancellation);
        _lossless?.Read(scan, cancellation);
        foreach (JpegComponent component in scan.Components)
            component.IsScanned = true;
    }
}
