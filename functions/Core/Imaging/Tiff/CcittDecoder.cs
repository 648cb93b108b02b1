namespace TumorFunctions.Core.Imaging.Tiff;

/// <summary>Facsimile coding of ITU-T T.4 and T.6: rows of black and white runs.</summary>
internal ref struct CcittDecoder
{
    private const int EndOfLineZeros = 11;

    private readonly ReadOnlySpan<byte> _source;
    private readonly TiffCompression _kind;
    private readonly bool _twoDimensional;
    private readonly int _width;

    // Columns where the colour changes, white to black first, then the row's width repeated.
    private int[] _reference;
    private int[] _current;
    private int _changes;
    private long _bit;

    /// <param name="twoDimensional">Whether rows of T.4 may refer to the row above.</param>
    public CcittDecoder(ReadOnlySpan<byte> source, TiffCompression kind, bool twoDimensional, int width)
    {
        _source = source;
        _kind = kind;
        _twoDimensional = twoDimensional;
        _width = width;
        _reference = new int[width + 4];
        _current = new int[width + 4];
        Array.Fill(_reference, width);
    }

    /// <summary>Fills whole rows of bits, black ones set.</summary>
    public void Decode(Span<byte> rows)
    {
        int rowBytes = (_width + 7) / 8;
        for (; rows.Length >= rowBytes; rows = rows[rowBytes..])
        {
            _changes = 0;
            if (BeginRow())
                ReadOneDimensional();
            else
                ReadTwoDimensional();

            _current.AsSpan(_changes).Fill(_width);
            Paint(rows[..rowBytes]);
            (_reference, _current) = (_current, _reference);
        }
    }

    private static ImageFormatException Damaged() => Refusal.Corrupt("The CCITT data of the TIFF is truncated or damaged.");

    // Passes whatever precedes a row; true where it is coded on its own.
    private bool BeginRow()
    {
        switch (_kind)
        {
            case TiffCompression.CcittFax4:
                return false;
            case TiffCompression.CcittRle:
                _bit = (_bit + 7) & ~7L;
                return true;
            default:
                bool ended = false;
                while (Peek(EndOfLineZeros) == 0)
                {
                    SkipZeros();
                    ended = true;
                }

                return !ended || !_twoDimensional || Take(1) == 1;
        }
    }

    private void SkipZeros()
    {
        while (Take(1) == 0)
        {
        }
    }

    private void ReadOneDimensional()
    {
        int column = 0;
        bool black = false;
        while (column < _width)
        {
            column += ReadRun(black);
            AddChange(column, column);
            black = !black;
        }
    }

    private void ReadTwoDimensional()
    {
        int column = 0;
        int above = 0;
        bool black = false;
        bool atStart = true;
        while (column < _width)
        {
            // b1: the first change above to the right of the column, into the other colour.
            above = Math.Max(0, above - 2) & ~1;
            above += black ? 1 : 0;
            while (_reference[above] <= column && _reference[above] < _width && !(atStart && _reference[above] == 0 && column == 0))
                above += 2;

            int b1 = _reference[above];
            int mode = ReadMode();
            if (mode == Pass)
            {
                column = _reference[above + 1];
                atStart = false;
                continue;
            }

            if (mode == Horizontal)
            {
                int first = column + ReadRun(black);
                AddChange(first, column);
                column = first + ReadRun(!black);
                AddChange(column, first);
            }
            else
            {
                AddChange(b1 + mode, column);
                column = b1 + mode;
                black = !black;
            }

            atStart = false;
        }
    }

    private const int Pass = 100;
    private const int Horizontal = 101;

    // T.4, table 4. A vertical mode is its offset.
    private int ReadMode()
    {
        int window = Peek(7);
        (int mode, int length) = window switch
        {
            >= 0b1000000 => (0, 1),
            >= 0b0110000 => (1, 3),
            >= 0b0100000 => (-1, 3),
            >= 0b0010000 => (Horizontal, 3),
            >= 0b0001000 => (Pass, 4),
            >= 0b0000110 => (2, 6),
            >= 0b0000100 => (-2, 6),
            0b0000011 => (3, 7),
            0b0000010 => (-3, 7),
            _ => throw Damaged(),
        };
        Take(length);
        return mode;
    }

    private int ReadRun(bool black)
    {
        ushort[] codes = black ? CcittCodes.Black : CcittCodes.White;
        int total = 0;
        while (true)
        {
            int entry = codes[Peek(CcittCodes.Window)];
            if (entry == 0)
                throw Damaged();

            Take(entry >> 12);
            int run = entry & 0xFFF;
            total += run;
            if (total > _width)
                throw Damaged();
            if (run < CcittCodes.FirstMakeUp)
                return total;
        }
    }

    private void AddChange(int column, int least)
    {
        if (column < least || column > _width || _changes > _width)
            throw Damaged();
        _current[_changes++] = column;
    }

    private readonly void Paint(Span<byte> row)
    {
        row.Clear();
        for (int i = 0; i < _changes; i += 2)
        {
            for (int column = _current[i]; column < _current[i + 1]; column++)
                row[column >> 3] |= (byte)(0x80 >> (column & 7));
        }
    }

    // Past the end there are zeros; only taking them is an error.
    private readonly int Peek(int length)
    {
        int first = (int)(_bit >> 3);
        uint window = 0;
        for (int i = 0; i < 4; i++)
            window = (window << 8) | (first + i < _source.Length ? _source[first + i] : 0u);
        return (int)(window << (int)(_bit & 7) >> (32 - length));
    }

    private int Take(int length)
    {
        int bits = Peek(length);
        _bit += length;
        return _bit <= 8L * _source.Length ? bits : throw Damaged();
    }
}
