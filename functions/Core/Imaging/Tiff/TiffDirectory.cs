using System.Text;

namespace TumorFunctions.Core.Imaging.Tiff;

/// <summary>One image file directory: its fields, their values read when asked for.</summary>
internal sealed class TiffDirectory
{
    private const int MaxEntries = 4096;

    private readonly TiffInput _input;
    private readonly Dictionary<int, Field> _fields = [];

    public TiffDirectory(TiffInput input, long offset)
    {
        _input = input;
        int countLength = input.IsBig ? sizeof(ulong) : sizeof(ushort);
        int entryLength = input.IsBig ? 20 : 12;
        int offsetLength = input.IsBig ? sizeof(ulong) : sizeof(uint);
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        input.Read(offset, number[..countLength]);
        ulong count = input.IsBig ? input.UInt64(number) : input.UInt16(number);
        if (count is 0 or > MaxEntries)
            throw Refusal.Corrupt($"A directory of the TIFF states {count} fields; 1 to {MaxEntries} are read.");

        byte[] entries = new byte[((int)count * entryLength) + offsetLength];
        input.Read(offset + countLength, entries);
        for (int i = 0; i < (int)count; i++)
            Add(entries.AsSpan(i * entryLength, entryLength));

        ReadOnlySpan<byte> next = entries.AsSpan(entries.Length - offsetLength);
        Next = input.Offset(input.IsBig ? input.UInt64(next) : input.UInt32(next));
    }

    /// <summary>Offset of the directory that follows; 0 after the last.</summary>
    public long Next { get; }

    public bool Has(int tag) => _fields.ContainsKey(tag);

    /// <summary>The first value of an integer field.</summary>
    public long Integer(int tag, long absent) => Has(tag) ? Integers(tag)[0] : absent;

    /// <summary>All values of an integer field; empty where it is absent.</summary>
    public long[] Integers(int tag)
    {
        if (!_fields.TryGetValue(tag, out Field field))
            return [];

        int width = field.Type switch
        {
            1 or 7 => 1,
            3 => 2,
            4 or 13 => 4,
            16 or 18 => 8,
            _ => throw Refusal.Corrupt($"Field {tag} of the TIFF has type {field.Type} instead of an integer."),
        };
        byte[] bytes = Bytes(field, width, tag);
        long[] values = new long[bytes.Length / width];
        if (values.Length == 0)
            throw Refusal.Corrupt($"Field {tag} of the TIFF has no value.");

        for (int i = 0; i < values.Length; i++)
        {
            ReadOnlySpan<byte> value = bytes.AsSpan(i * width, width);
            ulong number = width switch
            {
                1 => value[0],
                2 => _input.UInt16(value),
                4 => _input.UInt32(value),
                _ => _input.UInt64(value),
            };
            values[i] = number <= long.MaxValue ? (long)number : long.MaxValue;
        }

        return values;
    }

    /// <summary>The first value of a field of fractions; null where it is absent or of another type.</summary>
    public double? Fraction(int tag)
    {
        if (!_fields.TryGetValue(tag, out Field field) || field.Count == 0)
            return null;

        byte[] bytes;
        switch (field.Type)
        {
            case 5:
                bytes = Bytes(field with { Count = 1 }, 8, tag);
                return (double)_input.UInt32(bytes) / _input.UInt32(bytes.AsSpan(4));
            case 11:
                return BitConverter.UInt32BitsToSingle(_input.UInt32(Bytes(field with { Count = 1 }, 4, tag)));
            case 12:
                return BitConverter.UInt64BitsToDouble(_input.UInt64(Bytes(field with { Count = 1 }, 8, tag)));
            default:
                return null;
        }
    }

    /// <summary>A text field without its terminator; empty where it is absent.</summary>
    public string Text(int tag, int limit) =>
        _fields.TryGetValue(tag, out Field field) && field.Type is 2 or 7 or 1
            ? Encoding.UTF8.GetString(Bytes(field with { Count = Math.Min(field.Count, (ulong)limit) }, 1, tag)).TrimEnd('\0')
            : "";

    /// <summary>The bytes of a field of bytes; empty where it is absent.</summary>
    public byte[] Raw(int tag) => _fields.TryGetValue(tag, out Field field) ? Bytes(field, 1, tag) : [];

    private void Add(ReadOnlySpan<byte> entry)
    {
        int tag = _input.UInt16(entry);
        int type = _input.UInt16(entry[2..]);
        ulong count = _input.IsBig ? _input.UInt64(entry[4..]) : _input.UInt32(entry[4..]);
        _fields.TryAdd(tag, new Field(type, count, entry[(_input.IsBig ? 12 : 8)..].ToArray()));
    }

    private byte[] Bytes(Field field, int width, int tag)
    {
        // No field can be longer than the file.
        if (field.Count > (ulong)(_input.Length / width))
            throw Refusal.Corrupt($"Field {tag} of the TIFF states {field.Count} values, and the file has {_input.Length} bytes.");

        byte[] bytes = new byte[(int)Math.Min((long)field.Count * width, Array.MaxLength)];
        if (bytes.Length <= field.Value.Length)
            field.Value.AsSpan(0, bytes.Length).CopyTo(bytes);
        else
            _input.Read(_input.Offset(_input.IsBig ? _input.UInt64(field.Value) : _input.UInt32(field.Value)), bytes);
        return bytes;
    }

    /// <param name="Value">The values themselves where they fit, else their offset.</param>
    private readonly record struct Field(int Type, ulong Count, byte[] Value);
}
