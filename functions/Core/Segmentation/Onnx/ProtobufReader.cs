using System.Buffers.Binary;

namespace TumorFunctions.Core.Segmentation.Onnx;

/// <summary>Walks the fields of one protobuf message (protobuf.dev/programming-guides/encoding).</summary>
/// <param name="budget">Pays for every field; null where the message needs no bound.</param>
internal ref struct ProtobufReader(ReadOnlySpan<byte> message, OnnxBudget? budget = null)
{
    private readonly ReadOnlySpan<byte> _message = message;
    private readonly OnnxBudget? _budget = budget;
    private int _position = 0;

    /// <summary>Number of the field that was read.</summary>
    public int Field { get; private set; }

    /// <summary>Value of a varint or fixed-width field.</summary>
    public ulong Number { get; private set; } = 0;

    /// <summary>Content of a length-delimited field; empty for others.</summary>
    public ReadOnlySpan<byte> Bytes { get; private set; } = default;

    public bool IsBytes { get; private set; } = false;

    /// <summary>Reads the next field; false at the end.</summary>
    /// <exception cref="FormatException">The message is truncated or no protobuf, or the budget is spent.</exception>
    public bool Read()
    {
        if (_position == _message.Length)
            return false;
        _budget?.SpendField();
        var tag = ReadVarint();
        Field = (int)(tag >> 3);
        if (Field == 0 || tag >> 3 > int.MaxValue)
            throw new FormatException($"no protobuf: field number 0 at byte {_position}");
        Bytes = default;
        Number = 0;
        IsBytes = false;
        switch (tag & 7)
        {
            case 0:
                Number = ReadVarint();
                break;
            case 1:
                Number = BinaryPrimitives.ReadUInt64LittleEndian(Take(8));
                break;
            case 2:
                Bytes = Take(ReadVarint());
                IsBytes = true;
                break;
            case 5:
                Number = BinaryPrimitives.ReadUInt32LittleEndian(Take(4));
                break;
            default:
                throw new FormatException($"no protobuf: wire type {tag & 7} at byte {_position}");
        }

        return true;
    }

    /// <summary>The numbers of a repeated integer field, packed or not, as they come with this field.</summary>
    /// <exception cref="FormatException">The packed numbers are cut off, or there are too many.</exception>
    public readonly void AppendIntegers(List<long> to, int most)
    {
        if (!IsBytes)
        {
            Append(to, most, Number);
            return;
        }

        var packed = new ProtobufReader(Bytes);
        while (packed._position < packed._message.Length)
            Append(to, most, packed.ReadVarint());
    }

    private static void Append(List<long> to, int most, ulong number)
    {
        if (to.Count == most)
            throw new FormatException($"a list of more than {most} numbers where a shape or an attribute was expected");
        to.Add((long)number);
    }

    private ulong ReadVarint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }

        throw new FormatException($"no protobuf: number too long at byte {_position}");
    }

    private ReadOnlySpan<byte> Take(ulong length)
    {
        if (length > (ulong)(_message.Length - _position))
            throw new FormatException($"truncated: {length} bytes were announced at byte {_position} of {_message.Length}");
        var bytes = _message.Slice(_position, (int)length);
        _position += (int)length;
        return bytes;
    }
}
