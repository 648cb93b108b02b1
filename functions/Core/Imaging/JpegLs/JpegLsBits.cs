namespace TumorFunctions.Core.Imaging.JpegLs;

/// <summary>Bits of JPEG-LS data: after a byte of all ones the next holds only seven (ITU-T T.87, 9.1).</summary>
internal sealed class JpegLsBits(ReadOnlyMemory<byte> data)
{
    private ulong _bits;
    private int _count;
    private int _position;
    private bool _afterOnes;

    // Of the bits held, so many at the end stand in for data that is not there.
    private int _missing;

    /// <summary>Offset of the first byte not taken in.</summary>
    public int Position => _position;

    /// <summary>Refuses the data if bits were taken past its end.</summary>
    public void Require()
    {
        if (_count < _missing)
            throw Refusal.Corrupt("The JPEG-LS data ends early: the file is truncated or damaged.");
    }

    public int Bit()
    {
        if (_count == 0)
            Fill();
        _count--;
        return (int)(_bits >> _count) & 1;
    }

    /// <param name="length">0 to 32.</param>
    public int Bits(int length)
    {
        if (_count < length)
            Fill();
        _count -= length;
        return (int)((_bits >> _count) & ((1UL << length) - 1));
    }

    /// <summary>A number coded with parameter <paramref name="k"/>, its unary part limited (A.5.3).</summary>
    public int Golomb(int k, int limit, int escapeBits)
    {
        int zeros = 0;
        while (Bit() == 0)
        {
            if (++zeros > limit)
                throw Refusal.Corrupt("The JPEG-LS data is damaged: a code is longer than any can be.");
        }

        return zeros < limit - escapeBits - 1 ? (zeros << k) | Bits(k) : Bits(escapeBits) + 1;
    }

    private void Fill()
    {
        ReadOnlySpan<byte> bytes = data.Span;
        while (_count <= 48)
        {
            int value = _position < bytes.Length ? bytes[_position] : -1;

            // A byte of all ones with a topmost one behind it begins a marker.
            bool isMarker = value == 0xFF && (_position + 1 >= bytes.Length || bytes[_position + 1] >= 0x80);
            int width = _afterOnes ? 7 : 8;
            _afterOnes = false;
            if (value < 0 || isMarker)
            {
                _bits <<= 8;
                _count += 8;
                _missing += 8;
                continue;
            }

            _position++;
            _bits = (_bits << width) | (uint)(value & ((1 << width) - 1));
            _count += width;
            _afterOnes = value == 0xFF;
        }
    }
}
