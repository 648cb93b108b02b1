namespace TumorFunctions.Core.Imaging.Jpeg;

/// <summary>A Huffman table of T.81, annex C, with look-ups for short codes. Built on first use.</summary>
internal sealed class JpegHuffmanTable
{
    public const int MaxLength = 16;
    public const int LookupBits = 10;

    private readonly byte[] _symbols;

    // Per length: the first 16-bit window beyond its codes, and what turns a code into the index of its symbol.
    private readonly int[] _limits = new int[MaxLength + 2];
    private readonly int[] _offsets = new int[MaxLength + 1];
    private readonly byte[] _counts;

    // Length and symbol of every code of at most LookupBits; zero where it is longer.
    private ushort[]? _lookup;
    private int[]? _small;

    /// <param name="counts">Number of codes of 1 to 16 bits.</param>
    /// <param name="symbols">Their symbols in the order of the codes.</param>
    public JpegHuffmanTable(ReadOnlySpan<byte> counts, ReadOnlySpan<byte> symbols)
    {
        _symbols = symbols.ToArray();
        _counts = counts.ToArray();
        int code = 0;
        int index = 0;
        for (int length = 1; length <= MaxLength; length++)
        {
            _offsets[length] = index - code;
            code += counts[length - 1];
            index += counts[length - 1];
            if (code > 1 << length)
                throw Refusal.Corrupt("A Huffman table of the JPEG data has more codes than its lengths allow.");
            _limits[length] = code << (MaxLength - length);
            code <<= 1;
        }

        _limits[MaxLength + 1] = int.MaxValue;
    }

    /// <summary>
    /// For a window of <see cref="LookupBits"/> that holds a whole AC code and its magnitude: the coefficient in the upper
    /// half, then the run of zeros, then the bits taken; else zero.
    /// </summary>
    public ReadOnlySpan<int> SmallCoefficients => _small ??= BuildSmall();

    /// <summary>Length and symbol of the code at the top of the window.</summary>
    public (int Length, int Symbol) Decode(ulong window)
    {
        _lookup ??= BuildLookup();
        int entry = _lookup[(int)(window >> (64 - LookupBits))];
        return entry != 0 ? (entry >> 8, entry & 0xFF) : DecodeLong((int)(window >> (64 - MaxLength)));
    }

    private (int Length, int Symbol) DecodeLong(int window)
    {
        int length = LookupBits + 1;
        while (window >= _limits[length])
            length++;
        if (length > MaxLength)
            throw Refusal.Corrupt("The JPEG data holds a code that its Huffman table does not have.");
        return (length, _symbols[(window >> (MaxLength - length)) + _offsets[length]]);
    }

    private ushort[] BuildLookup()
    {
        ushort[] lookup = new ushort[1 << LookupBits];
        int code = 0;
        int index = 0;
        for (int length = 1; length <= LookupBits; length++)
        {
            for (int n = 0; n < _counts[length - 1]; n++)
            {
                lookup.AsSpan(code << (LookupBits - length), 1 << (LookupBits - length))
                    .Fill((ushort)((length << 8) | _symbols[index++]));
                code++;
            }

            code <<= 1;
        }

        return lookup;
    }

    private int[] BuildSmall()
    {
        ushort[] lookup = _lookup ??= BuildLookup();
        int[] small = new int[1 << LookupBits];
        for (int window = 0; window < small.Length; window++)
        {
            int length = lookup[window] >> 8;
            int run = (lookup[window] >> 4) & 15;
            int magnitude = lookup[window] & 15;
            if (length == 0 || magnitude == 0 || length + magnitude > LookupBits)
                continue;

            int value = (window >> (LookupBits - length - magnitude)) & ((1 << magnitude) - 1);
            if (value < 1 << (magnitude - 1))
                value += 1 - (1 << magnitude);
            small[window] = (value << 16) | (run << 8) | (length + magnitude);
        }

        return small;
    }
}
