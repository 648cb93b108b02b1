using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace TumorFunctions.Core.Imaging.Dicom;

/// <summary>A data set to be written, explicit VR little endian (PS3.5, 7.1.2), its elements in the order of their tags.</summary>
internal sealed class DicomElements
{
    private const int DecimalLength = 16;

    private readonly SortedDictionary<uint, (string Vr, byte[] Bytes)> _elements = [];

    /// <summary>Several values are joined by backslashes; without one the element is empty.</summary>
    public DicomElements Text(uint tag, string vr, params string?[] values)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(string.Join('\\', values.Where(value => value is not null)));
        return Set(tag, vr, bytes, vr == "UI" ? (byte)0 : (byte)' ');
    }

    public DicomElements Decimals(uint tag, params double[] values) => Text(tag, "DS", [.. values.Select(Decimal)]);

    public DicomElements Short(uint tag, ushort value)
    {
        byte[] bytes = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        return Set(tag, "US", bytes);
    }

    public DicomElements Longs(uint tag, params uint[] values)
    {
        byte[] bytes = new byte[4 * values.Length];
        for (int i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4 * i), values[i]);
        return Set(tag, "UL", bytes);
    }

    /// <summary>The tag of another element as a value.</summary>
    public DicomElements Pointer(uint tag, uint value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)(value >> 16));
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(2), (ushort)value);
        return Set(tag, "AT", bytes);
    }

    public DicomElements Bytes(uint tag, byte[] value) => Set(tag, "OB", value);

    public DicomElements Sequence(uint tag, params IEnumerable<DicomElements> items)
    {
        MemoryStream content = new();
        Span<byte> head = stackalloc byte[8];
        foreach (DicomElements item in items)
        {
            byte[] bytes = item.ToBytes();
            WriteTag(head, DicomTag.Item);
            BinaryPrimitives.WriteInt32LittleEndian(head[4..], bytes.Length);
            content.Write(head);
            content.Write(bytes);
        }

        return Set(tag, "SQ", content.ToArray());
    }

    /// <summary>A sequence of one coded concept (PS3.3, 8.8).</summary>
    public DicomElements Code(uint tag, string value, string scheme, string meaning) => Sequence(
        tag,
        new DicomElements().Text(0x00080100, "SH", value).Text(0x00080102, "SH", scheme).Text(0x00080104, "LO", meaning));

    public byte[] ToBytes()
    {
        MemoryStream stream = new();
        WriteTo(stream);
        return stream.ToArray();
    }

    public void WriteTo(Stream stream)
    {
        Span<byte> head = stackalloc byte[12];
        foreach ((uint tag, (string vr, byte[] bytes)) in _elements)
        {
            WriteTag(head, tag);
            (head[4], head[5]) = ((byte)vr[0], (byte)vr[1]);
            if (ValueRepresentation.HasLongLength(ValueRepresentation.Of(head[4], head[5])))
            {
                BinaryPrimitives.WriteUInt16LittleEndian(head[6..], 0);
                BinaryPrimitives.WriteInt32LittleEndian(head[8..], bytes.Length);
                stream.Write(head);
            }
            else
            {
                BinaryPrimitives.WriteUInt16LittleEndian(head[6..], checked((ushort)bytes.Length));
                stream.Write(head[..8]);
            }

            stream.Write(bytes);
        }
    }

    // As many digits as sixteen characters hold.
    private static string Decimal(double value)
    {
        string text = value.ToString("R", CultureInfo.InvariantCulture);
        for (int digits = DecimalLength - 1; text.Length > DecimalLength; digits--)
            text = value.ToString($"G{digits}", CultureInfo.InvariantCulture);
        return text == "-0" ? "0" : text;
    }

    private static void WriteTag(Span<byte> destination, uint tag)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(destination, (ushort)(tag >> 16));
        BinaryPrimitives.WriteUInt16LittleEndian(destination[2..], (ushort)tag);
    }

    private DicomElements Set(uint tag, string vr, byte[] bytes, byte padding = 0)
    {
        _elements.Add(tag, (vr, bytes.Length % 2 == 0 ? bytes : [.. bytes, padding]));
        return this;
    }
}
