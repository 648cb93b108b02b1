using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace TumorFunctions.Core.Tests.Imaging;

/// <summary>A plain TIFF encoder: byte orders, BigTIFF, strips or tiles, planes, pages, predictors.</summary>
internal sealed class TiffBuilder
{
    public const int None = 1;
    public const int Lzw = 5;
    public const int Deflate = 8;
    public const int PackBits = 32773;

    public required int Width { get; init; }

    public required int Height { get; init; }

    /// <summary>One array a page: index (y · width + x) · samples + s, raw bits of a sample.</summary>
    public required ulong[][] Pages { get; init; }

    public int Samples { get; init; } = 1;

    public int Bits { get; init; } = 8;

    /// <summary>1 unsigned, 2 signed, 3 float.</summary>
    public int Format { get; init; } = 1;

    public int Photometric { get; init; } = 1;

    public int Compression { get; init; } = None;

    public int Predictor { get; init; } = 1;

    public bool BigEndian { get; init; }

    public bool BigTiff { get; init; }

    public bool Planar { get; init; }

    public int RowsPerStrip { get; init; } = 5;

    /// <summary>0 for strips.</summary>
    public int TileSide { get; init; }

    /// <summary>Further fields, by tag: type and values.</summary>
    public List<(int Tag, int Type, ulong[] Values)> Extra { get; init; } = [];

    /// <summary>Replaces the compression of chunks.</summary>
    public Func<byte[], byte[]>? Compress { get; init; }

    public byte[] Build()
    {
        MemoryStream file = new();
        file.Write(BigEndian ? "MM"u8 : "II"u8);
        Number(file, BigTiff ? 43u : 42u, 2);
        if (BigTiff)
        {
            Number(file, 8, 2);
            Number(file, 0, 2);
        }

        long link = file.Position;
        Number(file, 0, OffsetLength);
        foreach (ulong[] page in Pages)
        {
            // Directories first, data last, so that a cut anywhere loses something.
            (List<byte[]> chunks, ulong rows) = Chunks(page);
            SortedDictionary<int, (int Type, ulong[] Values)> fields = Fields(chunks, rows);
            long directory = Align(file);
            Patch(file, link, (ulong)directory);
            WriteDirectory(file, fields, out long next, out long offsets);
            link = next;
            List<ulong> places = [];
            foreach (byte[] chunk in chunks)
            {
                places.Add((ulong)Align(file));
                file.Write(chunk);
            }

            for (int i = 0; i < places.Count; i++)
                Patch(file, offsets + (i * OffsetLength), places[i]);
        }

        return file.ToArray();
    }

    private int OffsetLength => BigTiff ? 8 : 4;

    private static int SizeOf(int type) => type switch { 1 or 2 or 7 => 1, 3 => 2, 5 or 12 or 16 => 8, _ => 4 };

    private static long Align(MemoryStream file)
    {
        if (file.Length % 2 == 1)
            file.WriteByte(0);
        return file.Position;
    }

    private SortedDictionary<int, (int Type, ulong[] Values)> Fields(List<byte[]> chunks, ulong rows)
    {
        int offsetType = BigTiff ? 16 : 4;
        SortedDictionary<int, (int Type, ulong[] Values)> fields = new()
        {
            [256] = (3, [(ulong)Width]),
            [257] = (4, [(ulong)Height]),
            [258] = (3, [.. Enumerable.Repeat((ulong)Bits, Samples)]),
            [259] = (3, [(ulong)Compression]),
            [262] = (3, [(ulong)Photometric]),
            [277] = (3, [(ulong)Samples]),
            [284] = (3, [Planar ? 2ul : 1]),
            [317] = (3, [(ulong)Predictor]),
            [339] = (3, [.. Enumerable.Repeat((ulong)Format, Samples)]),
        };
        (int offsetsTag, int countsTag) = TileSide > 0 ? (324, 325) : (273, 279);
        fields[offsetsTag] = (offsetType, new ulong[chunks.Count]);
        fields[countsTag] = (offsetType, [.. chunks.Select(c => (ulong)c.Length)]);
        if (TileSide > 0)
        {
            fields[322] = (3, [(ulong)TileSide]);
            fields[323] = (3, [(ulong)TileSide]);
        }
        else
        {
            fields[278] = (3, [rows]);
        }

        foreach ((int tag, int type, ulong[] values) in Extra)
            fields[tag] = (type, values);
        return fields;
    }

    private void WriteDirectory(MemoryStream file, SortedDictionary<int, (int Type, ulong[] Values)> fields, out long next, out long offsets)
    {
        offsets = 0;
        Number(file, (ulong)fields.Count, BigTiff ? 8 : 2);
        long outside = file.Position + (fields.Count * (BigTiff ? 20 : 12)) + OffsetLength;
        MemoryStream values = new();
        foreach ((int tag, (int type, ulong[] numbers)) in fields)
        {
            Number(file, (ulong)tag, 2);
            Number(file, (ulong)type, 2);
            Number(file, (ulong)numbers.Length, OffsetLength);
            int bytes = numbers.Length * SizeOf(type);
            bool inside = bytes <= OffsetLength;
            if (tag is 273 or 324)
                offsets = inside ? file.Position : outside + values.Position;
            if (inside)
            {
                foreach (ulong number in numbers)
                    Value(file, number, type);
                file.Write(new byte[OffsetLength - bytes]);
            }
            else
            {
                Number(file, (ulong)(outside + values.Position), OffsetLength);
                foreach (ulong number in numbers)
                    Value(values, number, type);
                if (values.Length % 2 == 1)
                    values.WriteByte(0);
            }
        }

        next = file.Position;
        Number(file, 0, OffsetLength);
        file.Write(values.ToArray());
    }

    // A fraction is given as numerator in the upper and denominator in the lower half.
    private void Value(Stream file, ulong value, int type)
    {
        if (type != 5)
        {
            Number(file, value, SizeOf(type));
            return;
        }

        Number(file, value >> 32, 4);
        Number(file, value & uint.MaxValue, 4);
    }

    private void Number(Stream file, ulong value, int length)
    {
        byte[] bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        Array.Resize(ref bytes, length);
        if (BigEndian)
            Array.Reverse(bytes);
        file.Write(bytes);
    }

    private void Patch(MemoryStream file, long at, ulong value)
    {
        file.Position = at;
        Number(file, value, OffsetLength);
        file.Position = file.Length;
    }

    private (List<byte[]> Chunks, ulong Rows) Chunks(ulong[] page)
    {
        List<byte[]> chunks = [];
        (int w, int h) = TileSide > 0 ? (TileSide, TileSide) : (Width, RowsPerStrip);
        foreach (int[] samples in Planar ? Enumerable.Range(0, Samples).Select(s => new[] { s }) : [[.. Enumerable.Range(0, Samples)]])
        {
            for (int y0 = 0; y0 < Height; y0 += h)
            {
                for (int x0 = 0; x0 < Width; x0 += w)
                {
                    MemoryStream chunk = new();
                    for (int y = y0; y < y0 + h && (TileSide > 0 || y < Height); y++)
                        chunk.Write(Row(page, x0, y, w, samples));
                    chunks.Add(Pack(chunk.ToArray()));
                }
            }
        }

        return (chunks, (ulong)h);
    }

    private byte[] Row(ulong[] page, int x0, int y, int width, int[] samples)
    {
        ulong[] values = new ulong[width * samples.Length];
        for (int i = 0; i < values.Length; i++)
        {
            int x = Math.Min(x0 + (i / samples.Length), Width - 1);
            values[i] = page[(((Math.Min(y, Height - 1) * Width) + x) * Samples) + samples[i % samples.Length]];
        }

        if (Predictor == 2)
        {
            for (int i = values.Length - 1; i >= samples.Length; i--)
                values[i] = (values[i] - values[i - samples.Length]) & (ulong.MaxValue >> (64 - Bits));
        }

        return Predictor == 3 ? FloatingPoint(values, samples.Length) : Bytes(values);
    }

    private byte[] Bytes(ulong[] values)
    {
        MemoryStream row = new();
        if (Bits % 8 == 0)
        {
            foreach (ulong value in values)
                Number(row, value, Bits / 8);
            return row.ToArray();
        }

        string bits = string.Concat(values.Select(v => Convert.ToString((long)v, 2).PadLeft(Bits, '0')));
        bits = bits.PadRight((bits.Length + 7) / 8 * 8, '0');
        return [.. Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(8 * i, 8), 2))];
    }

    private byte[] FloatingPoint(ulong[] values, int samples)
    {
        byte[] sorted = [.. Enumerable.Range(0, Bits / 8).SelectMany(b => values.Select(v => (byte)(v >> (Bits - 8 - (8 * b)))))];
        for (int i = sorted.Length - 1; i >= samples; i--)
            sorted[i] -= sorted[i - samples];
        return sorted;
    }

    private byte[] Pack(byte[] chunk)
    {
        if (Compress is not null)
            return Compress(chunk);

        switch (Compression)
        {
            case PackBits:
                return PackBitsOf(chunk);
            case Lzw:
                return LzwOf(chunk);
            case Deflate:
                MemoryStream packed = new();
                using (ZLibStream zlib = new(packed, CompressionLevel.Optimal, leaveOpen: true))
                    zlib.Write(chunk);
                return packed.ToArray();
            default:
                return chunk;
        }
    }

    private static byte[] PackBitsOf(byte[] bytes)
    {
        List<byte> packed = [];
        for (int i = 0; i < bytes.Length;)
        {
            int run = 1;
            while (run < 128 && i + run < bytes.Length && bytes[i + run] == bytes[i])
                run++;
            if (run > 1)
            {
                packed.AddRange([(byte)(1 - run), bytes[i]]);
                i += run;
                continue;
            }

            int length = 1;
            while (length < 128 && i + length < bytes.Length && bytes[i + length] != bytes[i + length - 1])
                length++;
            packed.Add((byte)(length - 1));
            packed.AddRange(bytes.AsSpan(i, length));
            i += length;
        }

        return [.. packed];
    }

    // TIFF 6.0, section 13, as its pseudo code has it.
    private static byte[] LzwOf(byte[] bytes)
    {
        StringBuilder bits = new();
        Dictionary<string, int> table = [];
        int width = 9;
        void Write(int code) => bits.Append(Convert.ToString(code, 2).PadLeft(width, '0'));
        void Reset()
        {
            table.Clear();
            for (int i = 0; i < 256; i++)
                table[((char)i).ToString()] = i;
            width = 9;
        }

        Reset();
        Write(256);
        string omega = "";
        foreach (char k in bytes.Select(b => (char)b))
        {
            if (table.ContainsKey(omega + k))
            {
                omega += k;
                continue;
            }

            Write(table[omega]);
            int next = table.Count + 2;
            table[omega + k] = next;
            width = next >= 2047 ? 12 : next >= 1023 ? 11 : next >= 511 ? 10 : 9;
            if (next == 4094)
            {
                Write(256);
                Reset();
            }

            omega = k.ToString();
        }

        Write(table[omega]);
        Write(257);
        while (bits.Length % 8 != 0)
            bits.Append('0');
        return [.. Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.ToString(8 * i, 8), 2))];
    }
}
