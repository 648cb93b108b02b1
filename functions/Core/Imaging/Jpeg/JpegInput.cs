using System.Buffers.Binary;

namespace TumorFunctions.Core.Imaging.Jpeg;

/// <summary>A JPEG stream read through a buffer: markers and segments as bytes, entropy-coded data as bits.</summary>
internal sealed class JpegInput(Stream source)
{
    private const string What = "The JPEG data";
    private const ulong EveryByte = 0x0101010101010101;

    private readonly byte[] _buffer = new byte[32 * 1024];
    private int _position;
    private int _end;

    // Bits not yet taken, the next one topmost. Below _count there may already be the bits that come after.
    private ulong _bits;
    private int _count;

    // Of the _count bits, so many at the end stand in for data that a marker or the end of the stream cut off.
    private int _missing;

    /// <summary>The next byte.</summary>
    public int ReadByte() => Take(1)[0];

    /// <summary>A big-endian number of two bytes.</summary>
    public int ReadUInt16() => (ReadByte() << 8) | ReadByte();

    /// <summary>Seeks the next marker, past anything in between.</summary>
    /// <returns>Its second byte; −1 at the end of the stream.</returns>
    public int NextMarker()
    {
        while (true)
        {
            while (Peek() is var value and not 0xFF)
            {
                if (value < 0)
                    return -1;
                _position++;
            }

            while (Peek() == 0xFF)
                _position++;

            int marker = Peek();
            if (marker < 0)
                return -1;
            _position++;
            if (marker != 0)
                return marker;
        }
    }

    /// <summary>The content of a marker segment.</summary>
    public byte[] ReadSegment()
    {
        byte[] content = new byte[ReadSegmentLength()];
        for (int i = 0; i < content.Length;)
        {
            ReadOnlySpan<byte> part = Take(content.Length - i);
            part.CopyTo(content.AsSpan(i));
            i += part.Length;
        }

        return content;
    }

    public void SkipSegment()
    {
        for (int rest = ReadSegmentLength(); rest > 0;)
            rest -= Take(rest).Length;
    }

    /// <summary>Forgets left-over bits: entropy-coded data starts at the next byte.</summary>
    public void BeginBits() => (_bits, _count, _missing) = (0, 0, 0);

    /// <summary>Refuses the data if bits were taken past its end.</summary>
    public void RequireBits()
    {
        if (_count < _missing)
            throw Refusal.Corrupt("The entropy-coded data of the JPEG ends early: the file is truncated or damaged.");
    }

    /// <summary>Passes the restart marker between two intervals.</summary>
    public void Restart()
    {
        RequireBits();
        int marker = NextMarker();
        if (marker is < JpegMarker.Rst0 or > JpegMarker.Rst7)
            throw Refusal.Corrupt("The JPEG data lacks a restart marker: it is truncated or damaged.");
        BeginBits();
    }

    /// <summary>Takes bits as an unsigned number.</summary>
    /// <param name="length">0 to 16.</param>
    public int ReadBits(int length)
    {
        if (_count < length)
            (_bits, _count) = Refill(_bits, _count);
        int value = (int)(_bits >> 1 >> (63 - length));
        _bits <<= length;
        _count -= length;
        return value;
    }

    /// <summary>Takes the number that T.81's EXTEND (F.2.2.1) makes of so many bits.</summary>
    public int ReadSigned(int length) => Extend(ReadBits(length), length);

    public int ReadSymbol(JpegHuffmanTable table)
    {
        if (_count < JpegHuffmanTable.MaxLength)
            (_bits, _count) = Refill(_bits, _count);
        (int length, int symbol) = table.Decode(_bits);
        _bits <<= length;
        _count -= length;
        return symbol;
    }

    /// <summary>Decodes a block of a sequential scan: quantised coefficients in natural order.</summary>
    /// <param name="block">64 zeros; receives the coefficients.</param>
    /// <param name="predictor">DC of the block before, and then of this.</param>
    /// <returns>Whether there is any coefficient but the DC.</returns>
    public bool ReadBlock(JpegHuffmanTable dc, JpegHuffmanTable ac, Span<short> block, ref int predictor)
    {
        int size = ReadSymbol(dc);
        if (size > 15)
            throw Refusal.Corrupt("The JPEG data has a DC coefficient of more than 15 bits.");
        predictor += ReadSigned(size);
        block[0] = (short)predictor;

        // The state stays in registers over the block.
        ulong bits = _bits;
        int count = _count;
        ReadOnlySpan<int> small = ac.SmallCoefficients;
        ReadOnlySpan<byte> order = JpegZigZag.Order;
        int k = 1;
        while (k < 64)
        {
            if (count < 32)
                (bits, count) = Refill(bits, count);

            int entry = small[(int)(bits >> (64 - JpegHuffmanTable.LookupBits))];
            if (entry != 0)
            {
                int taken = entry & 0xFF;
                bits <<= taken;
                count -= taken;
                k += (entry >> 8) & 0xFF;
                block[order[k++]] = (short)(entry >> 16);
                continue;
            }

            (int length, int symbol) = ac.Decode(bits);
            bits <<= length;
            count -= length;
            int magnitude = symbol & 15;
            int run = symbol >> 4;
            if (magnitude == 0)
            {
                if (run < 15)
                    break;
                k += 16;
                continue;
            }

            k += run;
            int value = (int)(bits >> (64 - magnitude));
            bits <<= magnitude;
            count -= magnitude;
            block[order[k++]] = (short)Extend(value, magnitude);
        }

        _bits = bits;
        _count = count;
        return k > 1;
    }

    private int ReadSegmentLength()
    {
        int length = ReadUInt16() - 2;
        return length >= 0 ? length : throw Refusal.Corrupt("A segment of the JPEG data states a length of less than 2.");
    }

    // As much as lies in the buffer, at least one byte.
    private ReadOnlySpan<byte> Take(int most)
    {
        if (_position == _end && !TryFill())
            throw Refusal.Truncated(What);
        int count = Math.Min(most, _end - _position);
        _position += count;
        return _buffer.AsSpan(_position - count, count);
    }

    private static int Extend(int value, int length) =>
        value < (1 << length >> 1) ? value - (1 << length) + 1 : value;

    // At least 56 bits, made up with zeros where the data ends.
    private (ulong Bits, int Count) Refill(ulong bits, int count)
    {
        if (_position <= _end - sizeof(ulong))
        {
            ulong next = BinaryPrimitives.ReadUInt64BigEndian(_buffer.AsSpan(_position));
            bool holdsFF = ((~next - EveryByte) & next & (EveryByte << 7)) != 0;
            if (!holdsFF)
            {
                // The bits of a byte that is taken in part are set again, alike, the next time.
                _position += (63 - count) >> 3;
                return (bits | (next >> count), count | 56);
            }
        }

        while (count <= 56)
        {
            int value = NextDataByte();
            if (value < 0)
            {
                _missing += 8;
                value = 0;
            }

            // Bits below the count may have been set ahead; they are the same.
            bits |= (ulong)value << (56 - count);
            count += 8;
        }

        return (bits, count);
    }

    // −1 at a marker, which stays unread, or at the end of the stream.
    private int NextDataByte()
    {
        while (true)
        {
            int value = Peek();
            if (value != 0xFF)
            {
                _position += value >= 0 ? 1 : 0;
                return value;
            }

            // A marker's two bytes must both lie in the buffer to stay unread.
            if (_end - _position < 2 && !TryExtend())
                return -1;

            int next = _buffer[_position + 1];
            if (next == 0)
            {
                _position += 2;
                return 0xFF;
            }

            if (next != 0xFF)
                return -1;
            _position++;
        }
    }

    private int Peek() => _position < _end || TryFill() ? _buffer[_position] : -1;

    private bool TryFill()
    {
        _position = 0;
        _end = source.Read(_buffer);
        return _end > 0;
    }

    // Moves the one byte left to the front and reads on behind it.
    private bool TryExtend()
    {
        _buffer[0] = _buffer[_position];
        _position = 0;
        int count = source.Read(_buffer.AsSpan(1));
        _end = 1 + count;
        return count > 0;
    }
}
