using System.Buffers.Binary;
using System.Text;

namespace TumorFunctions.Core.Segmentation.Onnx;

/// <summary>A TensorProto: what it claims, held against what it carries, and its numbers where they are few.</summary>
/// <param name="Elements">Product of the sides.</param>
/// <param name="Numbers">The values of a small tensor of int32, int64 or float32; null for others.</param>
internal sealed record OnnxTensor(string Name, IReadOnlyList<long> Dims, long Elements, IReadOnlyList<double>? Numbers)
{
    private const int Float = 1, Int32 = 6, Int64 = 7, String = 8, Float16 = 10, Double = 11, BFloat16 = 16;
    private const int MaxRank = 32;
    private const int MaxNumbers = 64;

    // Bits of an element by TensorProto.DataType; 0 where no network that is served here needs the type.
    private static ReadOnlySpan<byte> Bits => [0, 32, 8, 8, 16, 16, 32, 64, 0, 8, 16, 64, 32, 64, 0, 0, 16, 8, 8, 8, 8, 4, 4, 4, 8];

    /// <exception cref="FormatException">The tensor lies in another file, or claims what it does not carry.</exception>
    public static OnnxTensor Read(ReadOnlySpan<byte> message, OnnxBudget budget)
    {
        List<long> dims = [];
        ulong type = 0;
        string name = "";
        long raw = -1, typed = 0, strings = 0;
        var isExternal = false;
        ReadOnlySpan<byte> rawBytes = default;
        List<double> numbers = [];
        var tensor = new ProtobufReader(message, budget);
        while (tensor.Read())
        {
            switch (tensor.Field)
            {
                case 1:
                    tensor.AppendIntegers(dims, MaxRank);
                    break;
                case 2:
                    type = tensor.Number;
                    break;
                case 4:
                    typed += CountFixed(tensor, 4, numbers);
                    break;
                case 5 or 7 or 11:
                    typed += CountVarints(tensor, numbers);
                    break;
                case 6:
                    strings++;
                    break;
                case 8 when tensor.IsBytes:
                    name = Text(tensor.Bytes);
                    break;
                case 9 when tensor.IsBytes:
                    if (raw >= 0)
                        throw new FormatException("a tensor has its raw data twice");
                    raw = tensor.Bytes.Length;
                    rawBytes = tensor.Bytes;
                    break;
                case 10:
                    typed += CountFixed(tensor, 8, null);
                    break;
                case 13:
                case 14 when tensor.Number != 0:
                    isExternal = true;
                    break;
            }
        }

        var what = name.Length > 0 ? $"tensor {name}" : "a tensor";
        if (isExternal)
            throw new FormatException($"the weights of {what} lie in another file (external data); export them into the model");
        var elements = OnnxBudget.Product(dims, what);
        if (type == String)
        {
            if (strings != elements || raw > 0 || typed > 0)
                throw new FormatException($"{what} claims {elements} strings {OnnxBudget.Text(dims)} and carries {strings}");
            budget.SpendWeights(0, elements * 32, floating: false);
            return new OnnxTensor(name, dims, elements, null);
        }

        var bits = type < (ulong)Bits.Length ? Bits[(int)type] : 0;
        if (bits == 0)
            throw new FormatException($"{what} has the element type {type}, which is not served");
        var bytes = ((elements * bits) + 7) / 8;
        CheckPayload(what, dims, elements, bits, bytes, raw, typed, strings);
        budget.SpendWeights(elements, bytes, type is Float or Float16 or Double or BFloat16);
        return new OnnxTensor(name, dims, elements, Small(type, elements, rawBytes, numbers));
    }

    /// <summary>Text of the file as a message may show it.</summary>
    public static string Text(ReadOnlySpan<byte> bytes)
    {
        const int Longest = 1024;
        if (bytes.Length > Longest)
            throw new FormatException($"a name of {bytes.Length} bytes; names have at most {Longest}");
        return Encoding.UTF8.GetString(bytes);
    }

    private static void CheckPayload(
        string what, List<long> dims, long elements, int bits, long bytes, long raw, long typed, long strings)
    {
        // Types of 4 bits lie two to a number of the typed field, those of a byte or two one to a number.
        var carried = raw >= 0 ? raw == bytes : typed == (bits == 4 ? (elements + 1) / 2 : elements);
        if (!carried || strings > 0 || (raw > 0 && typed > 0))
        {
            throw new FormatException($"{what} claims {elements} elements {OnnxBudget.Text(dims)} of {bits} bits and carries " +
                (raw >= 0 ? $"{raw} bytes" : $"{typed} numbers"));
        }
    }

    private static List<double>? Small(ulong type, long elements, ReadOnlySpan<byte> raw, List<double> typed)
    {
        if (elements > MaxNumbers || type is not (Float or Int32 or Int64))
            return null;
        if (raw.IsEmpty)
            return typed.Count == elements ? typed : null;
        var size = type == Int64 ? 8 : 4;
        List<double> numbers = [];
        for (; !raw.IsEmpty; raw = raw[size..])
        {
            numbers.Add(type switch
            {
                Float => BinaryPrimitives.ReadSingleLittleEndian(raw),
                Int32 => BinaryPrimitives.ReadInt32LittleEndian(raw),
                _ => BinaryPrimitives.ReadInt64LittleEndian(raw),
            });
        }

        return numbers;
    }

    private static long CountFixed(in ProtobufReader field, int size, List<double>? numbers)
    {
        if (!field.IsBytes)
        {
            Keep(numbers, BitConverter.UInt32BitsToSingle((uint)field.Number));
            return 1;
        }

        if (field.Bytes.Length % size != 0)
            throw new FormatException($"{field.Bytes.Length} bytes of numbers of {size} bytes");
        if (numbers is not null && field.Bytes.Length <= MaxNumbers * size)
        {
            for (var rest = field.Bytes; !rest.IsEmpty; rest = rest[size..])
                Keep(numbers, BinaryPrimitives.ReadSingleLittleEndian(rest));
        }

        return field.Bytes.Length / size;
    }

    private static long CountVarints(in ProtobufReader field, List<double> numbers)
    {
        if (!field.IsBytes)
        {
            Keep(numbers, (long)field.Number);
            return 1;
        }

        var count = 0;
        foreach (var part in field.Bytes)
            count += part < 0x80 ? 1 : 0;
        if (count <= MaxNumbers)
        {
            List<long> few = [];
            field.AppendIntegers(few, MaxNumbers);
            foreach (var number in few)
                Keep(numbers, number);
        }

        return count;
    }

    private static void Keep(List<double>? numbers, double number)
    {
        if (numbers?.Count <= MaxNumbers)
            numbers.Add(number);
    }
}
