namespace TumorFunctions.Core.Segmentation;

/// <summary>
/// What is read off an ONNX file before any native code sees it (onnx.proto of the ONNX project): that it is whole, that it
/// keeps its weights inside, and how many there are.
/// </summary>
/// <param name="Parameters">Elements of the floating-point initializers.</param>
internal readonly record struct OnnxFile(long Parameters)
{
    private const int MaxDepth = 16;

    /// <exception cref="FormatException">The file is truncated, no ONNX, or refers to other files; the message says which.</exception>
    public static OnnxFile Inspect(ReadOnlySpan<byte> file)
    {
        long parameters = 0;
        bool hasGraph = false, hasOpset = false;
        var model = new ProtobufReader(file);
        while (model.Read())
        {
            switch (model.Field)
            {
                case 7 when model.IsBytes:
                    hasGraph = true;
                    parameters = CountGraph(model.Bytes, 0);
                    break;
                case 8 when model.IsBytes:
                    hasOpset = true;
                    break;
            }
        }

        if (!hasGraph || !hasOpset)
            throw new FormatException("no ONNX model: it holds no " + (hasGraph ? "operator set" : "graph"));
        return new OnnxFile(parameters);
    }

    private static long CountGraph(ReadOnlySpan<byte> message, int depth)
    {
        if (depth > MaxDepth)
            throw new FormatException($"graphs are nested more than {MaxDepth} deep");
        long parameters = 0;
        var graph = new ProtobufReader(message);
        while (graph.Read())
        {
            if (graph.Field == 5 && graph.IsBytes)
                parameters += CountTensor(graph.Bytes);
            else if (graph.Field == 1 && graph.IsBytes)
                CheckNode(graph.Bytes, depth);
        }

        return parameters;
    }

    private static void CheckNode(ReadOnlySpan<byte> message, int depth)
    {
        var node = new ProtobufReader(message);
        while (node.Read())
        {
            if (node.Field != 5 || !node.IsBytes)
                continue;
            var attribute = new ProtobufReader(node.Bytes);
            while (attribute.Read())
            {
                if (attribute.Field is 5 or 10 && attribute.IsBytes)
                    CountTensor(attribute.Bytes);
                else if (attribute.Field is 6 or 11 && attribute.IsBytes)
                    CountGraph(attribute.Bytes, depth + 1);
            }
        }
    }

    private static long CountTensor(ReadOnlySpan<byte> message)
    {
        const int Float = 1, Float16 = 10, Double = 11, BFloat16 = 16;
        long elements = 1, payload = 0;
        ulong type = 0;
        var tensor = new ProtobufReader(message);
        while (tensor.Read())
        {
            switch (tensor.Field)
            {
                case 1 when tensor.IsBytes:
                    elements = checked(elements * Product(tensor.Bytes));
                    break;
                case 1:
                    elements = Multiply(elements, tensor.Number);
                    break;
                case 2:
                    type = tensor.Number;
                    break;
                case 13:
                case 14 when tensor.Number != 0:
                    throw new FormatException("weights lie in another file (external data); export them into the model");
                case 4 or 5 or 6 or 7 or 9 or 10 or 11 when tensor.IsBytes:
                    payload += tensor.Bytes.Length;
                    break;
            }
        }

        // No type but strings takes less than half a byte an element; the runtime would reserve the rest.
        if (payload > 0 && elements / 2 > payload)
            throw new FormatException($"a tensor claims {elements} elements in {payload} bytes");
        return type is Float or Float16 or Double or BFloat16 ? elements : 0;
    }

    // Packed dims.
    private static long Product(ReadOnlySpan<byte> packed)
    {
        long product = 1;
        while (!packed.IsEmpty)
        {
            ulong value = 0;
            var shift = 0;
            byte next;
            do
            {
                if (packed.IsEmpty || shift > 63)
                    throw new FormatException("a tensor's shape is cut off");
                next = packed[0];
                packed = packed[1..];
                value |= (ulong)(next & 0x7F) << shift;
                shift += 7;
            }
            while (next >= 0x80);
            product = Multiply(product, value);
        }

        return product;
    }

    private static long Multiply(long elements, ulong side)
    {
        if (side > int.MaxValue || (side > 0 && elements > (1L << 40) / (long)side))
            throw new FormatException("a tensor's shape is negative or too large");
        return elements * (long)side;
    }
}
