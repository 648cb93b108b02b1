using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace TumorFunctions.Core.Tests.Imaging;

/// <summary>A plain PNG encoder: any colour type and depth, any filters, interlaced or not.</summary>
internal sealed class PngBuilder
{
    public const int Grey = 0;
    public const int Rgb = 2;
    public const int Palette = 3;
    public const int GreyAlpha = 4;
    public const int Rgba = 6;

    private static readonly (int X, int Y, int Dx, int Dy)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    public required int Width { get; init; }

    public required int Height { get; init; }

    public int Depth { get; init; } = 8;

    public int Colour { get; init; }

    public bool Interlaced { get; init; }

    /// <summary>Index (y · width + x) · channels + c.</summary>
    public required int[] Samples { get; init; }

    public byte[]? PaletteEntries { get; init; }

    /// <summary>Filter of the n-th row written.</summary>
    public Func<int, int> Filter { get; init; } = _ => 0;

    /// <summary>Bytes of an IDAT chunk.</summary>
    public int ChunkLength { get; init; } = int.MaxValue;

    /// <summary>Further chunks before the image data.</summary>
    public List<(string Type, byte[] Content)> Extra { get; init; } = [];

    public int Channels => Colour switch { GreyAlpha => 2, Rgb => 3, Rgba => 4, _ => 1 };

    public static PngBuilder Random(Random random, int width, int height, int colour, int depth, bool interlaced)
    {
        int channels = colour switch { GreyAlpha => 2, Rgb => 3, Rgba => 4, _ => 1 };
        int[] samples = new int[width * height * channels];
        for (int i = 0; i < samples.Length; i++)
            samples[i] = random.Next(1 << depth);
        byte[] palette = new byte[3 * Math.Min(256, 1 << depth)];
        random.NextBytes(palette);
        return new PngBuilder
        {
            Width = width,
            Height = height,
            Depth = depth,
            Colour = colour,
            Interlaced = interlaced,
            Samples = samples,
            PaletteEntries = colour == Palette ? palette : null,
            Filter = row => row % 5,
            ChunkLength = random.Next(1, 300),
        };
    }

    /// <summary>What a reader should make of the image.</summary>
    public float[] ExpectedGrey()
    {
        float[] grey = new float[Width * Height];
        for (int i = 0; i < grey.Length; i++)
        {
            int first = Samples[i * Channels];
            grey[i] = Colour switch
            {
                Palette => Luma(PaletteEntries![3 * first], PaletteEntries[(3 * first) + 1], PaletteEntries[(3 * first) + 2]),
                Rgb or Rgba => Luma(first, Samples[(i * Channels) + 1], Samples[(i * Channels) + 2]),
                _ => Depth < 8 ? first * 255 / ((1 << Depth) - 1) : first,
            };
        }

        return grey;
    }

    public byte[] Build()
    {
        MemoryStream file = new();
        file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        Chunk(file, "IHDR", Header(Width, Height, Depth, Colour, Interlaced));
        if (PaletteEntries is not null)
            Chunk(file, "PLTE", PaletteEntries);
        foreach ((string type, byte[] content) in Extra)
            Chunk(file, type, content);
        byte[] data = Deflated();
        for (int i = 0; i < data.Length; i += Math.Min(ChunkLength, data.Length - i))
            Chunk(file, "IDAT", data.AsSpan(i, Math.Min(ChunkLength, data.Length - i)));
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    public static byte[] Header(int width, int height, int depth, int colour, bool interlaced)
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = (byte)depth;
        header[9] = (byte)colour;
        header[12] = interlaced ? (byte)1 : (byte)0;
        return header;
    }

    public static void Chunk(Stream file, string type, ReadOnlySpan<byte> content)
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. content];
        byte[] number = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        file.Write(number);
        file.Write(body);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc(body));
        file.Write(number);
    }

    private static uint Crc(byte[] bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }

        return ~crc;
    }

    private static float Luma(int r, int g, int b) => (float)((0.299m * r) + (0.587m * g) + (0.114m * b));

    private byte[] Deflated()
    {
        MemoryStream data = new();
        using (ZLibStream zlib = new(data, CompressionLevel.Optimal, leaveOpen: true))
        {
            int row = 0;
            foreach ((int x0, int y0, int dx, int dy) in Interlaced ? Adam7 : [(0, 0, 1, 1)])
            {
                byte[]? above = null;
                for (int y = y0; y < Height && x0 < Width; y += dy)
                {
                    byte[] packed = Pack(y, x0, dx);
                    zlib.Write(Filtered(Filter(row++), packed, above ?? new byte[packed.Length]));
                    above = packed;
                }
            }
        }

        return data.ToArray();
    }

    private byte[] Pack(int y, int x0, int dx)
    {
        List<bool> bits = [];
        for (int x = x0; x < Width; x += dx)
        {
            for (int c = 0; c < Channels; c++)
            {
                for (int bit = Depth - 1; bit >= 0; bit--)
                    bits.Add(((Samples[(((y * Width) + x) * Channels) + c] >> bit) & 1) != 0);
            }
        }

        byte[] packed = new byte[(bits.Count + 7) / 8];
        for (int i = 0; i < bits.Count; i++)
            packed[i / 8] |= (byte)((bits[i] ? 0x80 : 0) >> (i % 8));
        return packed;
    }

    private byte[] Filtered(int filter, byte[] row, byte[] above)
    {
        int distance = Math.Max(1, Depth * Channels / 8);
        byte[] result = new byte[row.Length + 1];
        result[0] = (byte)filter;
        for (int i = 0; i < row.Length; i++)
        {
            int a = i >= distance ? row[i - distance] : 0;
            int b = above[i];
            int c = i >= distance ? above[i - distance] : 0;
            result[i + 1] = (byte)(row[i] - filter switch { 1 => a, 2 => b, 3 => (a + b) / 2, 4 => Paeth(a, b, c), _ => 0 });
        }

        return result;
    }

    // As the specification words it, clause 9.4.
    private static int Paeth(int a, int b, int c)
    {
        int p = a + b - c;
        int pa = Math.Abs(p - a);
        int pb = Math.Abs(p - b);
        int pc = Math.Abs(p - c);
        return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
    }
}
