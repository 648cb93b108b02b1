namespace TumorFunctions.Core.Imaging.Tiff;

/// <summary>The LZW of TIFF 6.0, section 13: codes of 9 to 12 bits, most significant bit first, widened one code early.</summary>
internal static class TiffLzw
{
    private const int Clear = 256;
    private const int End = 257;
    private const int FirstFree = 258;
    private const int MinBits = 9;
    private const int MaxBits = 12;
    private const int TableSize = 1 << MaxBits;

    /// <summary>Fills <paramref name="destination"/>; what the data holds beyond it is ignored.</summary>
    public static void Decode(ReadOnlySpan<byte> source, Span<byte> destination)
    {
        // The table keeps where in the output a string stands, and its length. A new string is the previous one and the
        // byte that follows it in the output, which the current code is about to write.
        Span<int> starts = stackalloc int[TableSize];
        Span<int> lengths = stackalloc int[TableSize];
        int next = FirstFree;
        int bits = MinBits;
        int read = 0;
        uint buffer = 0;
        int count = 0;
        int written = 0;
        int previous = -1;
        while (written < destination.Length)
        {
            for (; count < bits; count += 8)
            {
                if (read == source.Length)
                    throw Refusal.Truncated("The LZW data of the TIFF");
                buffer = (buffer << 8) | source[read++];
            }

            count -= bits;
            int code = (int)(buffer >> count) & ((1 << bits) - 1);
            if (code == Clear)
            {
                (next, bits, previous) = (FirstFree, MinBits, -1);
                continue;
            }

            if (previous >= 0 && next < TableSize)
            {
                starts[next] = previous;
                lengths[next++] = written - previous + 1;
            }

            if (code == End || code >= next)
                throw Refusal.Corrupt("The LZW data of the TIFF is damaged.");

            previous = written;
            if (code < Clear)
                destination[written++] = (byte)code;
            else
                Repeat(destination, starts[code], lengths[code], ref written);

            if (next >= (1 << bits) - 1 && bits < MaxBits)
                bits++;
        }
    }

    // Byte by byte: a string may run into itself.
    private static void Repeat(Span<byte> output, int start, int length, ref int written)
    {
        int end = Math.Min(written + length, output.Length);
        while (written < end)
            output[written++] = output[start++];
    }
}
