namespace TumorFunctions.Core.Imaging.Jpeg;

/// <summary>The tables in force (T.81, B.2.4). They may precede the image in an abbreviated stream of their own.</summary>
internal sealed class JpegTables
{
    private const int Count = 4;

    private readonly ushort[]?[] _quantization = new ushort[Count][];
    private readonly JpegHuffmanTable?[] _dc = new JpegHuffmanTable[Count];
    private readonly JpegHuffmanTable?[] _ac = new JpegHuffmanTable[Count];

    /// <summary>MCUs between two restart markers; 0 without.</summary>
    public int RestartInterval { get; private set; }

    /// <summary>Takes in a table-specification stream.</summary>
    public static JpegTables Parse(Stream stream)
    {
        JpegTables tables = new();
        JpegInput input = new(stream);
        int marker = input.NextMarker();
        while (marker is not (-1 or JpegMarker.Eoi))
        {
            if (marker is not (JpegMarker.Soi or JpegMarker.Tem) && !tables.TryRead(marker, input))
                input.SkipSegment();
            marker = input.NextMarker();
        }

        return tables;
    }

    /// <summary>Quantisation steps in natural order.</summary>
    public ushort[] Quantization(int index) =>
        _quantization[index] ?? throw Refusal.Corrupt($"The JPEG data lacks quantisation table {index}.");

    public JpegHuffmanTable Dc(int index) => Find(_dc, index, "DC");

    public JpegHuffmanTable Ac(int index) => Find(_ac, index, "AC");

    /// <summary>Reads the segment if it defines tables.</summary>
    public bool TryRead(int marker, JpegInput input)
    {
        switch (marker)
        {
            case JpegMarker.Dqt:
                ReadQuantization(input.ReadSegment());
                return true;
            case JpegMarker.Dht:
                ReadHuffman(input.ReadSegment());
                return true;
            case JpegMarker.Dri:
                byte[] interval = input.ReadSegment();
                if (interval.Length != 2)
                    throw Refusal.Corrupt("The restart interval of the JPEG data has the wrong length.");
                RestartInterval = (interval[0] << 8) | interval[1];
                return true;
            default:
                return false;
        }
    }

    private static JpegHuffmanTable Find(JpegHuffmanTable?[] tables, int index, string kind) =>
        (index < Count ? tables[index] : null) ?? throw Refusal.Corrupt($"The JPEG data lacks {kind} Huffman table {index}.");

    private void ReadQuantization(ReadOnlySpan<byte> segment)
    {
        while (!segment.IsEmpty)
        {
            (int precision, int index) = (segment[0] >> 4, segment[0] & 15);
            int length = 1 + (64 * (precision + 1));
            if (precision > 1 || index >= Count || segment.Length < length)
                throw Refusal.Corrupt("A quantisation table of the JPEG data is malformed.");

            ushort[] steps = new ushort[64];
            for (int k = 0; k < 64; k++)
            {
                steps[JpegZigZag.Order[k]] =
                    precision == 0 ? segment[1 + k] : (ushort)((segment[1 + (2 * k)] << 8) | segment[2 + (2 * k)]);
            }

            _quantization[index] = steps;
            segment = segment[length..];
        }
    }

    private void ReadHuffman(ReadOnlySpan<byte> segment)
    {
        while (!segment.IsEmpty)
        {
            (int kind, int index) = (segment[0] >> 4, segment[0] & 15);
            if (kind > 1 || index >= Count || segment.Length < 1 + JpegHuffmanTable.MaxLength)
                throw Refusal.Corrupt("A Huffman table of the JPEG data is malformed.");

            ReadOnlySpan<byte> counts = segment.Slice(1, JpegHuffmanTable.MaxLength);
            int total = 0;
            foreach (byte count in counts)
                total += count;
            segment = segment[(1 + JpegHuffmanTable.MaxLength)..];
            if (total > 256 || total > segment.Length)
                throw Refusal.Corrupt("A Huffman table of the JPEG data has more symbols than its segment.");

            (kind == 0 ? _dc : _ac)[index] = new JpegHuffmanTable(counts, segment[..total]);
            segment = segment[total..];
        }
    }
}
