namespace TumorFunctions.Core.Segmentation.Onnx;

/// <summary>A GraphProto, as far as the guard looks at it.</summary>
internal sealed class OnnxGraph
{
    private const int MaxRank = 32;

    public List<OnnxNode> Nodes { get; } = [];

    /// <summary>Weights by name.</summary>
    public Dictionary<string, OnnxTensor> Initializers { get; } = [];

    public List<string> Inputs { get; } = [];

    public List<string> Outputs { get; } = [];

    /// <summary>Declared shapes of inputs, outputs and what lies between; a free side counts 1.</summary>
    public Dictionary<string, IReadOnlyList<long>> Shapes { get; } = [];

    /// <exception cref="FormatException">The graph asks for too much, or is not what the format says; the message names it.</exception>
    public static OnnxGraph Read(ReadOnlySpan<byte> message, OnnxBudget budget, int depth)
    {
        if (depth > OnnxBudget.MaxDepth)
            throw new FormatException($"graphs are nested more than {OnnxBudget.MaxDepth} deep");
        var graph = new OnnxGraph();
        var reader = new ProtobufReader(message, budget);
        while (reader.Read())
        {
            if (!reader.IsBytes)
                continue;
            switch (reader.Field)
            {
                case 1:
                    graph.Nodes.Add(OnnxNode.Read(reader.Bytes, budget, depth));
                    break;
                case 5:
                    var tensor = OnnxTensor.Read(reader.Bytes, budget);
                    graph.Initializers[tensor.Name] = tensor;
                    break;
                case 11:
                    graph.Inputs.Add(graph.ReadValue(reader.Bytes, budget, "input"));
                    break;
                case 12:
                    graph.Outputs.Add(graph.ReadValue(reader.Bytes, budget, "output"));
                    break;
                case 13:
                    graph.ReadValue(reader.Bytes, budget, "value");
                    break;
                case 15:
                    ReadSparse(reader.Bytes, budget);
                    break;
            }
        }

        return graph;
    }

    /// <summary>A SparseTensorProto, which the runtime makes dense.</summary>
    /// <exception cref="FormatException">It asks for too much.</exception>
    public static void ReadSparse(ReadOnlySpan<byte> message, OnnxBudget budget)
    {
        List<long> dims = [];
        var reader = new ProtobufReader(message, budget);
        while (reader.Read())
        {
            if (reader.Field is 1 or 2 && reader.IsBytes)
                OnnxTensor.Read(reader.Bytes, budget);
            else if (reader.Field == 3)
                reader.AppendIntegers(dims, MaxRank);
        }

        var elements = OnnxBudget.Product(dims, "a sparse tensor");
        budget.SpendWeights(0, elements * sizeof(double), floating: false);
    }

    private string ReadValue(ReadOnlySpan<byte> message, OnnxBudget budget, string kind)
    {
        var name = "";
        List<long>? sides = null;
        var value = new ProtobufReader(message, budget);
        while (value.Read())
        {
            if (value.Field == 1 && value.IsBytes)
                name = OnnxTensor.Text(value.Bytes);
            else if (value.Field == 2 && value.IsBytes)
                sides = ReadTensorType(value.Bytes, budget) ?? sides;
        }

        if (sides is not null)
        {
            OnnxBudget.Product(sides, $"{kind} {name}");
            Shapes[name] = sides;
        }

        return name;
    }

    // TypeProto → Tensor → TensorShapeProto → Dimension.
    private static List<long>? ReadTensorType(ReadOnlySpan<byte> message, OnnxBudget budget)
    {
        List<long>? sides = null;
        var type = new ProtobufReader(message, budget);
        while (type.Read())
        {
            if (type.Field != 1 || !type.IsBytes)
                continue;
            var tensor = new ProtobufReader(type.Bytes, budget);
            while (tensor.Read())
            {
                if (tensor.Field == 2 && tensor.IsBytes)
                    sides = ReadShape(tensor.Bytes, budget);
            }
        }

        return sides;
    }

    private static List<long> ReadShape(ReadOnlySpan<byte> message, OnnxBudget budget)
    {
        List<long> sides = [];
        var shape = new ProtobufReader(message, budget);
        while (shape.Read())
        {
            if (shape.Field != 1 || !shape.IsBytes)
                continue;
            if (sides.Count == MaxRank)
                throw new FormatException($"a shape of more than {MaxRank} sides");
            long side = 1;
            var dimension = new ProtobufReader(shape.Bytes, budget);
            while (dimension.Read())
            {
                if (dimension.Field == 1 && !dimension.IsBytes)
                    side = (long)dimension.Number;
            }

            // Exporters write -1 or 0 for a side that is free.
            sides.Add(side is -1 or 0 ? 1 : side);
        }

        return sides;
    }
}
