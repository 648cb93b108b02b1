using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace TumorFunctions.Core.Tests.Imaging;

/// <summary>Writes DICOM files element by element, in any uncompressed encoding or with encapsulated frames.</summary>
internal sealed class DicomBuilder
{
    public const string Implicit = "1.2.840.10008.1.2";
    public const string Explicit = "1.2.840.10008.1.2.1";
    public const string Deflated = "1.2.840.10008.1.2.1.99";
    public const string Big = "1.2.840.10008.1.2.2";
    public const string Rle = "1.2.840.10008.1.2.5";
    public const string JpegBaseline = "1.2.840.10008.1.2.4.50";
    public const string JpegLossless = "1.2.840.10008.1.2.4.70";
    public const string JpegLs = "1.2.840.10008.1.2.4.80";

    private readonly SortedDictionary<uint, (string Vr, object Value)> _elements = [];

    public string Syntax { get; init; } = Explicit;

    /// <summary>Whether the file has a preamble and meta information.</summary>
    public bool Part10 { get; init; } = true;

    /// <summary>Whether sequences and items have no stated length.</summary>
    public bool OpenEnded { get; init; }

    private bool BigEndian => Syntax == Big;

    private bool IsExplicit => Syntax != Implicit;

    /// <summary>A grey image of 16 bits.</summary>
    public static DicomBuilder Grey(int width, int height, int[] samples, string syntax = Explicit, int bits = 16, bool signed = false) =>
        new DicomBuilder { Syntax = syntax }
            .Text(0x00080005, "CS", "ISO_IR 192")
            .Text(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.4")
            .Layout(width, height, 1, "MONOCHROME2", bits <= 8 ? 8 : bits <= 16 ? 16 : 32, bits, signed)
            .Pixels(samples);

    public DicomBuilder Layout(int width, int height, int samples, string photometric, int allocated, int stored, bool signed) =>
        Short(0x00280002, samples)
            .Text(0x00280004, "CS", photometric)
            .Short(0x00280010, height)
            .Short(0x00280011, width)
            .Short(0x00280100, allocated)
            .Short(0x00280101, stored)
            .Short(0x00280102, stored - 1)
            .Short(0x00280103, signed ? 1 : 0);

    public DicomBuilder Text(uint tag, string vr, string value) => Bytes(tag, vr, Encoding.UTF8.GetBytes(value));

    public DicomBuilder Short(uint tag, params int[] values) => Set(tag, "US", values);

    public DicomBuilder Bytes(uint tag, string vr, byte[] value) => Set(tag, vr, value);

    public DicomBuilder Items(uint tag, params DicomBuilder[] items) => Set(tag, "SQ", items);

    /// <summary>Native samples of the width that bits allocated gives.</summary>
    public DicomBuilder Pixels(params int[] samples) => Set(0x7FE00010, "OW", samples);

    /// <summary>Encapsulated fragments behind an empty offset table.</summary>
    public DicomBuilder Fragments(params byte[][] fragments) => Set(0x7FE00010, "OB", fragments);

    public DicomBuilder Remove(uint tag)
    {
        _elements.Remove(tag);
        return this;
    }

    public byte[] Build()
    {
        MemoryStream file = new();
        if (Part10)
        {
            file.Write(new byte[128]);
            file.Write("DICM"u8);
            new DicomBuilder().Text(0x00020010, "UI", Syntax).WriteElements(file);
        }

        if (Syntax != Deflated)
        {
            WriteElements(file);
            return file.ToArray();
        }

        MemoryStream dataSet = new();
        WriteElements(dataSet);
        using (DeflateStream deflate = new(file, CompressionLevel.Optimal, leaveOpen: true))
            deflate.Write(dataSet.ToArray());
        return file.ToArray();
    }

    private DicomBuilder Set(uint tag, string vr, object value)
    {
        _elements[tag] = (vr, value);
        return this;
    }

    private void WriteElements(Stream file)
    {
        foreach ((uint tag, (string vr, object value)) in _elements)
        {
            switch (value)
            {
                case byte[] bytes:
                    WriteElement(file, tag, vr, bytes);
                    break;
                case int[] numbers:
                    int width = tag == 0x7FE00010 ? ((int[])_elements[0x00280100].Value)[0] / 8 : 2;
                    MemoryStream packed = new();
                    foreach (int number in numbers)
                        Number(packed, (uint)number, width);
                    byte[] words = packed.ToArray();
                    bool swap = BigEndian && vr == "OW" && width == 1;
                    for (int i = 0; swap && i + 1 < words.Length; i += 2)
                        (words[i], words[i + 1]) = (words[i + 1], words[i]);
                    WriteElement(file, tag, vr, words);
                    break;
                case byte[][] fragments:
                    WriteHead(file, tag, vr, uint.MaxValue);
                    foreach (byte[] fragment in fragments.Prepend([]))
                        WriteItem(file, 0xFFFEE000, fragment);
                    WriteItem(file, 0xFFFEE0DD, []);
                    break;
                case DicomBuilder[] items:
                    WriteSequence(file, tag, items);
                    break;
            }
        }
    }

    private void WriteSequence(Stream file, uint tag, DicomBuilder[] items)
    {
        MemoryStream content = new();
        foreach (DicomBuilder item in items)
        {
            MemoryStream elements = new();
            DicomBuilder alike = new() { Syntax = Syntax, OpenEnded = OpenEnded };
            foreach ((uint inner, (string Vr, object Value) element) in item._elements)
                alike._elements[inner] = element;
            alike.WriteElements(elements);
            Tag(content, 0xFFFEE000);
            Number(content, OpenEnded ? uint.MaxValue : (uint)elements.Length, 4);
            content.Write(elements.ToArray());
            if (OpenEnded)
                WriteItem(content, 0xFFFEE00D, []);
        }

        WriteHead(file, tag, "SQ", OpenEnded ? uint.MaxValue : (uint)content.Length);
        file.Write(content.ToArray());
        if (OpenEnded)
            WriteItem(file, 0xFFFEE0DD, []);
    }

    private void WriteItem(Stream file, uint tag, byte[] content)
    {
        Tag(file, tag);
        Number(file, (uint)((content.Length + 1) / 2 * 2), 4);
        file.Write(content);
        if (content.Length % 2 == 1)
            file.WriteByte(0);
    }

    private void WriteElement(Stream file, uint tag, string vr, byte[] value)
    {
        WriteHead(file, tag, vr, (uint)((value.Length + 1) / 2 * 2));
        file.Write(value);
        if (value.Length % 2 == 1)
            file.WriteByte(vr is "UI" or "OB" or "OW" ? (byte)0 : (byte)' ');
    }

    private void WriteHead(Stream file, uint tag, string vr, uint length)
    {
        Tag(file, tag);
        if (!IsExplicit)
        {
            Number(file, length, 4);
            return;
        }

        file.Write(Encoding.ASCII.GetBytes(vr));
        if (vr is "OB" or "OW" or "OF" or "OD" or "SQ" or "UN")
        {
            Number(file, 0, 2);
            Number(file, length, 4);
        }
        else
        {
            Number(file, length, 2);
        }
    }

    private void Tag(Stream file, uint tag)
    {
        Number(file, tag >> 16, 2);
        Number(file, tag & 0xFFFF, 2);
    }

    private void Number(Stream file, uint value, int width)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        Span<byte> part = bytes.AsSpan(0, width);
        if (BigEndian)
            part.Reverse();
        file.Write(part);
    }
}
