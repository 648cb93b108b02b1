using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace TumorFunctions.Core.Imaging.Dicom;

/// <summary>The elements of a data set, or of an item of a sequence, that the readers make use of.</summary>
internal sealed class DicomDataSet
{
    private static readonly char[] Padding = [' ', '\0'];

    private readonly Dictionary<uint, (ushort Vr, byte[] Bytes)> _values = [];
    private readonly Dictionary<uint, List<DicomDataSet>> _sequences = [];

    /// <summary>Byte order of the numbers.</summary>
    public required bool BigEndian { get; init; }

    public bool Has(uint tag) => _values.ContainsKey(tag);

    public void Add(uint tag, ushort vr, byte[] bytes) => _values.TryAdd(tag, (vr, bytes));

    public void Add(uint tag, List<DicomDataSet> items) => _sequences.TryAdd(tag, items);

    /// <summary>The items of a sequence; none where it is absent.</summary>
    public IReadOnlyList<DicomDataSet> Items(uint tag) => _sequences.TryGetValue(tag, out List<DicomDataSet>? items) ? items : [];

    /// <summary>The first item of a sequence.</summary>
    public DicomDataSet? Item(uint tag) => Items(tag) is [var first, ..] ? first : null;

    /// <summary>The bytes of a value; empty where it is absent.</summary>
    public byte[] Bytes(uint tag) => _values.TryGetValue(tag, out (ushort Vr, byte[] Bytes) value) ? value.Bytes : [];

    /// <summary>A text of the default repertoire without its padding; null where it is absent or empty.</summary>
    public string? Text(uint tag)
    {
        string text = Encoding.Latin1.GetString(Bytes(tag)).Trim(Padding);
        return text.Length > 0 ? text : null;
    }

    /// <summary>The parts of a text with several values.</summary>
    public string[] Texts(uint tag) => Text(tag) is { } text ? [.. text.Split('\\').Select(part => part.Trim(Padding))] : [];

    /// <summary>Numbers written as text; null where any is malformed or not finite, or fewer than asked for.</summary>
    public double[]? Decimals(uint tag, int least)
    {
        string[] parts = Texts(tag);
        double[] numbers = new double[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]) || !double.IsFinite(numbers[i]))
                return null;
        }

        return numbers.Length >= least ? numbers : null;
    }

    public double? Decimal(uint tag) => Decimals(tag, 1)?[0];

    /// <summary>An integer, binary or written as text; null where it is absent or malformed.</summary>
    public long? Integer(uint tag)
    {
        if (!_values.TryGetValue(tag, out (ushort Vr, byte[] Bytes) value) || value.Bytes.Length == 0)
            return null;

        bool isText = value.Vr is ValueRepresentation.IntegerString or ValueRepresentation.DecimalString
            || tag is DicomTag.NumberOfFrames or DicomTag.InstanceNumber;
        if (isText)
            return Decimal(tag) is { } number && Math.Abs(number) < 1e15 ? (long)number : null;

        return value.Bytes.Length switch
        {
            1 => value.Bytes[0],
            2 or 3 => UInt16(value.Bytes),
            _ => value.Vr is ValueRepresentation.None || value.Bytes.Length > 4 ? UInt16(value.Bytes) : UInt32(value.Bytes),
        };
    }

    /// <summary>16-bit words of a value.</summary>
    public ushort[] Words(uint tag)
    {
        byte[] bytes = Bytes(tag);
        ushort[] words = new ushort[bytes.Length / 2];
        for (int i = 0; i < words.Length; i++)
            words[i] = UInt16(bytes.AsSpan(2 * i));
        return words;
    }

    private ushort UInt16(ReadOnlySpan<byte> bytes) =>
        BigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private uint UInt32(ReadOnlySpan<byte> bytes) =>
        BigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
