using System.Buffers;
using System.IO.Compression;
using TumorFunctions.Core.Imaging.Jpeg;

namespace TumorFunctions.Core.Imaging.Tiff;

/// <summary>Decodes the strips or tiles of a page into grey floats.</summary>
internal sealed class TiffPageReader(TiffInput input, TiffPage page, ImageLimits limits, CancellationToken cancellation)
{
    // What a byte of compressed data can grow to at most: 258 bytes of two bits; a string of 4096 from 12 bits; a run of
    // 128 from two bytes; eight blocks of pixels. For CCITT a row takes a bit at least.
    private const int DeflateGrowth = 1032;
    private const int LzwGrowth = 4096;
    private const int PackBitsGrowth = 64;
    private const int JpegPixels = 8 * 64;

    private readonly TiffSampleReader _samples = new(page, input.BigEndian);

    /// <summary>Refuses a page whose data cannot hold its pixels, before memory is taken for them.</summary>
    public void RequireData()
    {
        int chunks = page.ChunksAcross * page.ChunksDown * Planes;
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            int rows = page.RowsOfChunk(chunk / page.ChunksAcross % page.ChunksDown);
            long length = ChunkBytes(rows);
            long stored = page.ByteCounts[chunk];
            if (stored <= 0 || stored > input.Length || !CanHold(stored, length, rows))
                throw Refusal.Corrupt($"The TIFF is truncated: {stored} bytes of a strip or tile cannot hold its {length}.");
        }
    }

    /// <summary>Hands every value to the sink, as stored.</summary>
    public void Read(GreySink grey)
    {
        for (int down = 0; down < page.ChunksDown; down++)
        {
            for (int across = 0; across < page.ChunksAcross; across++)
            {
                cancellation.ThrowIfCancellationRequested();
                if (page.Compression == TiffCompression.Jpeg && !page.IsPlanar)
                    ReadJpegChunk(down, across, grey);
                else
                    ReadChunk(down, across, grey);
            }
        }
    }

    private bool CanHold(long stored, long length, int rows) => page.Compression switch
    {
        TiffCompression.None => stored >= length,
        TiffCompression.PackBits => stored * PackBitsGrowth >= length,
        TiffCompression.Lzw => stored * LzwGrowth >= length,
        TiffCompression.Deflate or TiffCompression.AdobeDeflate => stored * DeflateGrowth >= length,
        TiffCompression.Jpeg => stored * JpegPixels >= (long)page.ChunkWidth * rows,
        _ => stored * 8 >= rows,
    };

    private int WidthOf(int across) => Math.Min(page.ChunkWidth, page.Width - (across * page.ChunkWidth));

    private int HeightOf(int down) => Math.Min(page.ChunkHeight, page.Height - (down * page.ChunkHeight));

    private Span<float> Row(GreySink grey, int down, int across, int row) =>
        grey.Row(across * page.ChunkWidth, (down * page.ChunkHeight) + row, WidthOf(across));

    private void ReadChunk(int down, int across, GreySink grey)
    {
        int rows = page.RowsOfChunk(down);
        long length = ChunkBytes(rows);
        int planes = Planes;
        if (length * planes > Array.MaxLength)
            throw Refusal.TooLarge($"A strip or tile of the TIFF takes {length * planes} bytes, more than can be read at once.");

        int first = (down * page.ChunksAcross) + across;
        byte[] rented = ArrayPool<byte>.Shared.Rent((int)length * planes);
        try
        {
            Span<byte> bytes = rented.AsSpan(0, (int)length * planes);
            for (int plane = 0; plane < planes; plane++)
                Decompress(first + (plane * page.ChunksAcross * page.ChunksDown), bytes.Slice(plane * (int)length, (int)length), rows);

            ToGrey(bytes, planes, down, across, grey);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private int Planes => page.IsPlanar ? page.ColourSamples : 1;

    // Decompressed, of one plane.
    private long ChunkBytes(int rows)
    {
        (int across, int down) = page.Subsampling;
        return (across, down) == (1, 1)
            ? page.RowBytes * rows
            : (long)((page.ChunkWidth + across - 1) / across) * ((rows + down - 1) / down) * ((across * down) + 2);
    }

    private void ToGrey(Span<byte> bytes, int planes, int down, int across, GreySink grey)
    {
        int rowBytes = (int)page.RowBytes;
        if (planes == 1 && page.Subsampling == (1, 1))
        {
            for (int row = 0; row < HeightOf(down); row++)
                _samples.ToGrey(bytes.Slice(row * rowBytes, rowBytes), page.ChunkSamples, Row(grey, down, across, row));
            return;
        }

        byte[] interleaved = new byte[rowBytes * planes];
        int width = page.Bits / 8;
        for (int row = 0; row < HeightOf(down); row++)
        {
            if (planes == 1)
            {
                _samples.SubsampledToGrey(bytes, row, Row(grey, down, across, row));
                continue;
            }

            for (int plane = 0; plane < planes; plane++)
            {
                ReadOnlySpan<byte> from = bytes.Slice((plane * (bytes.Length / planes)) + (row * rowBytes), rowBytes);
                for (int x = 0; x < page.ChunkWidth; x++)
                    from.Slice(x * width, width).CopyTo(interleaved.AsSpan(((x * planes) + plane) * width));
            }

            _samples.ToGrey(interleaved, planes, Row(grey, down, across, row));
        }
    }

    private void Decompress(int chunk, Span<byte> bytes, int rows)
    {
        if (page.Compression == TiffCompression.None)
        {
            input.Read(page.Offsets[chunk], bytes);
            if (page.ReversedBits)
                ReverseBits(bytes);
        }
        else
        {
            byte[] rented = ArrayPool<byte>.Shared.Rent((int)page.ByteCounts[chunk]);
            try
            {
                Span<byte> stored = rented.AsSpan(0, (int)page.ByteCounts[chunk]);
                input.Read(page.Offsets[chunk], stored);
                if (page.ReversedBits)
                    ReverseBits(stored);
                Decompress(rented, stored, bytes, rows);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(rented);
            }
        }

        TiffPredictor.Undo(page, bytes, input.BigEndian);
    }

    private void Decompress(byte[] rented, ReadOnlySpan<byte> stored, Span<byte> bytes, int rows)
    {
        switch (page.Compression)
        {
            case TiffCompression.PackBits:
                PackBits.Decode(stored, bytes);
                break;
            case TiffCompression.Lzw:
                TiffLzw.Decode(stored, bytes);
                break;
            case TiffCompression.Deflate or TiffCompression.AdobeDeflate:
                using (ZLibStream zlib = new(new MemoryStream(rented, 0, stored.Length), CompressionMode.Decompress))
                    zlib.ReadWhole(bytes, "The deflated data of the TIFF");
                break;
            case TiffCompression.Jpeg:
                JpegImage plane = DecodeJpeg(new MemoryStream(rented, 0, stored.Length), JpegColour.Grey, rows);
                plane.CopySamples(bytes, page.ChunkWidth, rows, sampleBytes: 1, input.BigEndian);
                break;
            default:
                new CcittDecoder(stored, page.Compression, (page.T4Options & 1) != 0, page.ChunkWidth).Decode(bytes);
                break;
        }
    }

    private void ReadJpegChunk(int down, int across, GreySink grey)
    {
        int chunk = (down * page.ChunksAcross) + across;
        byte[] stored = new byte[page.ByteCounts[chunk]];
        input.Read(page.Offsets[chunk], stored);
        JpegColour? colour = page.Photometric switch
        {
            TiffPhotometric.YCbCr => JpegColour.YCbCr,
            TiffPhotometric.Rgb => JpegColour.Rgb,
            TiffPhotometric.Cmyk => JpegColour.Cmyk,
            _ => JpegColour.Grey,
        };
        JpegImage image = DecodeJpeg(new MemoryStream(stored), colour, HeightOf(down));
        float[] decoded = new float[image.Width * image.Height];
        image.ToGrey(decoded);
        bool inverted = page.Photometric == TiffPhotometric.WhiteIsZero;
        int white = (1 << image.Precision) - 1;
        for (int row = 0; row < HeightOf(down); row++)
        {
            Span<float> to = Row(grey, down, across, row);
            decoded.AsSpan(row * image.Width, to.Length).CopyTo(to);
            for (int x = 0; inverted && x < to.Length; x++)
                to[x] = white - to[x];
        }
    }

    private JpegImage DecodeJpeg(Stream stored, JpegColour? colour, int rows)
    {
        JpegTables? tables = page.JpegTables.Length > 0 ? JpegTables.Parse(new MemoryStream(page.JpegTables)) : null;
        ImageLimits ownLimits = limits with { MaxVoxels = (page.ChunkWidth + 16L) * (page.ChunkHeight + 16L) };
        JpegImage image = new JpegDecoder(stored, ownLimits, tables) { DeclaredColour = colour }.Decode(cancellation);
        return image.Width >= page.ChunkWidth && image.Height >= rows && image.Precision == page.Bits
            ? image
            : throw Refusal.Corrupt(
                $"A strip or tile of the TIFF needs {page.ChunkWidth}×{rows} pixels of {page.Bits} bits; its JPEG data has {image.Width}×{image.Height} of {image.Precision}.");
    }

    private static void ReverseBits(Span<byte> bytes)
    {
        // Three swaps: of nibbles, pairs and neighbours.
        foreach (ref byte b in bytes)
        {
            int v = b;
            v = (v >> 4) | (v << 4);
            v = ((v & 0xCC) >> 2) | ((v & 0x33) << 2);
            b = (byte)(((v & 0xAA) >> 1) | ((v & 0x55) << 1));
        }
    }
}
