using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace TumorFunctions.Core.Imaging.Tiff;

/// <summary>Undoes the differencing that precedes compression (TIFF 6.0, section 14, and technical note 3).</summary>
internal static class TiffPredictor
{
    private const int Horizontal = 2;
    private const int FloatingPoint = 3;

    /// <param name="rows">Whole rows, in the byte order of the file; decoded in place.</param>
    public static void Undo(TiffPage page, Span<byte> rows, bool bigEndian)
    {
        int rowBytes = (int)page.RowBytes;
        for (; page.Predictor != 1 && rows.Length >= rowBytes; rows = rows[rowBytes..])
        {
            Span<byte> row = rows[..rowBytes];
            if (page.Predictor == Horizontal)
                UndoHorizontal(row, page.ChunkSamples, page.Bits, bigEndian == BitConverter.IsLittleEndian);
            else if (page.Predictor == FloatingPoint)
                UndoFloatingPoint(row, page.ChunkSamples, page.Bits / 8, bigEndian);
        }
    }

    private static void UndoHorizontal(Span<byte> row, int samples, int bits, bool swap)
    {
        switch (bits)
        {
            case 8:
                for (int i = samples; i < row.Length; i++)
                    row[i] += row[i - samples];
                break;
            case 16:
                Accumulate(MemoryMarshal.Cast<byte, ushort>(row), samples, swap, BinaryPrimitives.ReverseEndianness, (a, b) => (ushort)(a + b));
                break;
            case 32:
                Accumulate(MemoryMarshal.Cast<byte, uint>(row), samples, swap, BinaryPrimitives.ReverseEndianness, (a, b) => a + b);
                break;
            default:
                Accumulate(MemoryMarshal.Cast<byte, ulong>(row), samples, swap, BinaryPrimitives.ReverseEndianness, (a, b) => a + b);
                break;
        }
    }

    private static void Accumulate<T>(Span<T> row, int samples, bool swap, Func<T, T> reverse, Func<T, T, T> add)
    {
        for (int i = samples; i < row.Length; i++)
        {
            row[i] = swap
                ? reverse(add(reverse(row[i]), reverse(row[i - samples])))
                : add(row[i], row[i - samples]);
        }
    }

    // Bytes were sorted by significance, the most significant of all values first, then differenced.
    private static void UndoFloatingPoint(Span<byte> row, int samples, int width, bool bigEndian)
    {
        for (int i = samples; i < row.Length; i++)
            row[i] += row[i - samples];

        byte[] sorted = row.ToArray();
        int values = row.Length / width;
        for (int i = 0; i < values; i++)
        {
            for (int b = 0; b < width; b++)
                row[(i * width) + (bigEndian ? b : width - 1 - b)] = sorted[(b * values) + i];
        }
    }
}
