namespace TumorFunctions.Core.Tests.Imaging;

/// <summary>Shapes of Huffman tables that between them take every path of a decoder.</summary>
public enum JpegCodes
{
    /// <summary>All symbols in nine bits.</summary>
    Even,

    /// <summary>Half of the symbols in fifteen bits, half in sixteen.</summary>
    Longest,

    /// <summary>The usual symbols in three bits, the others in twelve.</summary>
    Skewed,
}

/// <summary>Entropy-coded data of T.81: Huffman codes, magnitudes, stuffed bytes.</summary>
internal sealed class JpegBits(MemoryStream file, JpegCodes codes)
{
    private static readonly byte[] Usual = [0x00, 0x01, 0x11, 0x02];

    private readonly int[] _code = new int[256];
    private readonly int[] _length = new int[256];
    private int _bits;
    private int _count;

    /// <summary>Writes a DHT segment for all 256 symbols and uses it from now on.</summary>
    public void Table(int kind, int index)
    {
        byte[] symbols = [.. Usual, .. Enumerable.Range(0, 256).Select(i => (byte)i).Except(Usual)];
        byte[] counts = new byte[16];
        int code = 0;
        int length = 0;
        for (int i = 0; i < 256; i++)
        {
            int next = codes switch { JpegCodes.Even => 9, JpegCodes.Longest => i < 128 ? 15 : 16, _ => i < 4 ? 3 : 12 };
            code <<= length == 0 ? 0 : next - length;
            length = next;
            _code[symbols[i]] = code++;
            _length[symbols[i]] = length;
            if (counts[length - 1] == 255)
            {
                // 256 codes of one length cannot be counted in a byte: the last gets one bit more.
                length++;
                code = (code - 1) << 1;
                _code[symbols[i]] = code++;
                _length[symbols[i]] = length;
            }

            counts[length - 1]++;
        }

        JpegBuilder.Segment(file, 0xC4, [(byte)((kind << 4) | index), .. counts, .. symbols]);
    }

    public void Symbol(int symbol) => Bits(_code[symbol], _length[symbol]);

    public void Bits(int value, int length)
    {
        for (int i = length - 1; i >= 0; i--)
        {
            _bits = (_bits << 1) | ((value >> i) & 1);
            if (++_count == 8)
                Emit();
        }
    }

    /// <summary>A number's size category.</summary>
    public static int Size(int value)
    {
        int size = 0;
        for (int rest = Math.Abs(value); rest > 0; rest >>= 1)
            size++;
        return size;
    }

    public void Magnitude(int value, int size) => Bits(value < 0 ? value + (1 << size) - 1 : value, size);

    /// <summary>Fills the last byte with ones.</summary>
    public void Flush()
    {
        while (_count > 0)
            Bits(1, 1);
    }

    private void Emit()
    {
        file.WriteByte((byte)_bits);
        if ((byte)_bits == 0xFF)
            file.WriteByte(0);
        _bits = 0;
        _count = 0;
    }
}
