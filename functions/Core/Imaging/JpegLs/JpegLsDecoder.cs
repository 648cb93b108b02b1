namespace TumorFunctions.Core.Imaging.JpegLs;

/// <summary>Decoded JPEG-LS data: a plane of samples for each component.</summary>
internal sealed record JpegLsImage(int Width, int Height, int Precision, ushort[][] Planes);

/// <summary>Decodes JPEG-LS (ITU-T T.87), lossless and near-lossless, with every interleaving.</summary>
internal sealed class JpegLsDecoder
{
    private const int Soi = 0xD8;
    private const int Eoi = 0xD9;
    private const int Sos = 0xDA;
    private const int Dri = 0xDD;
    private const int Sof55 = 0xF7;
    private const int Lse = 0xF8;
    private const int MaxComponents = 4;

    private readonly ReadOnlyMemory<byte> _data;
    private readonly ImageLimits _limits;
    private int _position;
    private JpegLsImage? _image;
    private byte[] _ids = [];
    private bool[] _scanned = [];
    private int _statedMaxValue;
    private (int T1, int T2, int T3, int Reset) _preset;

    /// <param name="data">From the SOI marker on.</param>
    public JpegLsDecoder(ReadOnlyMemory<byte> data, ImageLimits limits)
    {
        _data = data;
        _limits = limits;
    }

    private static ImageFormatException Truncated => Refusal.Truncated("The JPEG-LS data");

    public JpegLsImage Decode(CancellationToken cancellation)
    {
        if (NextMarker() != Soi)
            throw Refusal.Corrupt("The JPEG-LS data does not start with its marker.");

        while (_image is null || Array.IndexOf(_scanned, false) >= 0)
        {
            int marker = NextMarker();
            switch (marker)
            {
                case Sof55:
                    BeginFrame(Segment());
                    break;
                case Lse:
                    ReadPreset(Segment());
                    break;
                case Sos:
                    ReadScan(Segment(), cancellation);
                    break;
                case Dri when Segment().ContainsAnyExcept((byte)0):
                    throw Refusal.Unsupported("The JPEG-LS data has restart markers, which are not read.");
                case Dri:
                    break;
                case Eoi:
                    throw Refusal.Corrupt("The JPEG-LS data ends before its image.");
                default:
                    Segment();
                    break;
            }
        }

        return _image;
    }

    private int NextMarker()
    {
        ReadOnlySpan<byte> data = _data.Span;
        while (_position + 1 < data.Length)
        {
            if (data[_position] == 0xFF && data[_position + 1] is not (0 or 0xFF))
            {
                _position += 2;
                return data[_position - 1];
            }

            _position++;
        }

        throw Truncated;
    }

    private ReadOnlySpan<byte> Segment()
    {
        ReadOnlySpan<byte> data = _data.Span[_position..];
        if (data.Length < 2)
            throw Truncated;
        int length = (data[0] << 8) | data[1];
        if (length < 2 || length > data.Length)
            throw Truncated;
        _position += length;
        return data[2..length];
    }

    private void BeginFrame(ReadOnlySpan<byte> s)
    {
        if (_image is not null || s.Length < 6 || s.Length != 6 + (3 * s[5]) || s[0] is < 2 or > 16 || s[5] is 0 or > MaxComponents)
            throw Refusal.Corrupt("The frame header of the JPEG-LS data is malformed.");

        (int height, int width) = ((s[1] << 8) | s[2], (s[3] << 8) | s[4]);
        _limits.Check("JPEG-LS image", width, height);
        _ids = new byte[s[5]];
        for (int i = 0; i < _ids.Length; i++)
        {
            _ids[i] = s[6 + (3 * i)];
            if (s[7 + (3 * i)] != 0x11)
                throw Refusal.Unsupported("The JPEG-LS data has subsampled components, which are not read.");
        }

        _scanned = new bool[_ids.Length];
        _image = new JpegLsImage(width, height, s[0], [.. _ids.Select(_ => new ushort[width * height])]);
    }

    // C.2.4.1: coding parameters; mapping tables would make it a palette.
    private void ReadPreset(ReadOnlySpan<byte> s)
    {
        const byte parameters = 1;
        if (s.Length != 11 || s[0] != parameters)
            throw Refusal.Unsupported("The JPEG-LS data has mapping tables or extended sizes, which are not read.");

        _statedMaxValue = (s[1] << 8) | s[2];
        _preset = ((s[3] << 8) | s[4], (s[5] << 8) | s[6], (s[7] << 8) | s[8], (s[9] << 8) | s[10]);
    }

    private void ReadScan(ReadOnlySpan<byte> s, CancellationToken cancellation)
    {
        if (_image is null || s.IsEmpty || s[0] == 0 || s.Length != 4 + (2 * s[0]))
            throw Refusal.Corrupt("A scan header of the JPEG-LS data is malformed.");

        int count = s[0];
        ushort[][] planes = new ushort[count][];
        for (int i = 0; i < count; i++)
        {
            int component = Array.IndexOf(_ids, s[1 + (2 * i)]);
            if (component < 0 || _scanned[component])
                throw Refusal.Corrupt("A scan of the JPEG-LS data names a component that is not in its frame or was read before.");
            if (s[2 + (2 * i)] != 0)
                throw Refusal.Unsupported("The JPEG-LS data has mapping tables, which are not read.");
            _scanned[component] = true;
            planes[i] = _image.Planes[component];
        }

        int highest = (1 << _image.Precision) - 1;
        int maxValue = _statedMaxValue != 0 ? _statedMaxValue : highest;
        if (maxValue > highest)
            throw Refusal.Corrupt("The JPEG-LS data states a largest sample that its bits cannot hold.");

        ReadOnlySpan<byte> tail = s[(1 + (2 * count))..];
        (int near, int interleave, int transform) = (tail[0], tail[1], tail[2] & 15);
        if (near > Math.Min(255, maxValue / 2) || interleave > 2 || (interleave == 0 && count > 1) || transform >= _image.Precision)
            throw Refusal.Corrupt("A scan of the JPEG-LS data states parameters that do not exist.");

        JpegLsBits bits = new(_data[_position..]);
        JpegLsScan scan = new(bits, new JpegLsParameters(maxValue, near, _preset), _image.Width);
        ReadLines(scan, bits, planes, interleave == 2 && count > 1, transform, cancellation);
        _position += bits.Position;
    }

    private void ReadLines(
        JpegLsScan scan, JpegLsBits bits, ushort[][] planes, bool bySample, int transform, CancellationToken cancellation)
    {
        int width = _image!.Width;
        int[][] lines = [.. planes.Select(_ => new int[width + 2])];
        int[][] above = [.. planes.Select(_ => new int[width + 2])];
        int[] runIndices = new int[planes.Length];
        for (int y = 0; y < _image.Height; y++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (bySample)
            {
                scan.ReadInterleaved(lines, above, ref runIndices[0]);
            }
            else
            {
                for (int c = 0; c < planes.Length; c++)
                    scan.ReadLine(lines[c], above[c], ref runIndices[c]);
            }

            bits.Require();
            for (int c = 0; c < planes.Length; c++)
            {
                Span<ushort> row = planes[c].AsSpan(y * width, width);
                for (int x = 0; x < width; x++)
                    row[x] = (ushort)(lines[c][x + 1] << transform);
            }

            (lines, above) = (above, lines);
        }
    }
}
