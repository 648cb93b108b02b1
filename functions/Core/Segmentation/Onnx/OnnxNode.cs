namespace TumorFunctions.Core.Segmentation.Onnx;

/// <summary>A NodeProto, as far as the guard looks at it.</summary>
internal sealed class OnnxNode
{
    private const int MaxAttributeNumbers = 1 << 20;

    // Built into the runtime; everything else would need code that comes with the model.
    private static readonly HashSet<string> Domains = ["", "ai.onnx", "com.microsoft"];

    public string Operator { get; private set; } = "";

    public List<string> Inputs { get; } = [];

    public List<string> Outputs { get; } = [];

    /// <summary>Attributes that are lists of whole numbers.</summary>
    public Dictionary<string, List<long>> Integers { get; } = [];

    /// <summary>Attributes that are tensors.</summary>
    public Dictionary<string, OnnxTensor> Tensors { get; } = [];

    /// <summary>Bodies of loops and branches.</summary>
    public List<OnnxGraph> Graphs { get; } = [];

    /// <exception cref="FormatException">The operator is not served, or something that it carries is not.</exception>
    public static OnnxNode Read(ReadOnlySpan<byte> message, OnnxBudget budget, int depth)
    {
        budget.SpendNode();
        var node = new OnnxNode();
        var domain = "";
        var reader = new ProtobufReader(message, budget);
        while (reader.Read())
        {
            if (!reader.IsBytes)
                continue;
            switch (reader.Field)
            {
                case 1:
                    node.Inputs.Add(OnnxTensor.Text(reader.Bytes));
                    break;
                case 2:
                    node.Outputs.Add(OnnxTensor.Text(reader.Bytes));
                    break;
                case 4:
                    node.Operator = OnnxTensor.Text(reader.Bytes);
                    break;
                case 5:
                    node.ReadAttribute(reader.Bytes, budget, depth);
                    break;
                case 7:
                    domain = OnnxTensor.Text(reader.Bytes);
                    break;
            }
        }

        return Domains.Contains(domain)
            ? node
            : throw new FormatException($"operator {node.Operator} of the domain {domain} is a custom operator; only those of ONNX are served");
    }

    private void ReadAttribute(ReadOnlySpan<byte> message, OnnxBudget budget, int depth)
    {
        var name = "";
        List<long> integers = [];
        OnnxTensor? tensor = null;
        var graphs = 0;
        var reader = new ProtobufReader(message, budget);
        while (reader.Read())
        {
            switch (reader.Field)
            {
                case 1 when reader.IsBytes:
                    name = OnnxTensor.Text(reader.Bytes);
                    break;
                case 3 when !reader.IsBytes:
                case 8:
                    reader.AppendIntegers(integers, MaxAttributeNumbers);
                    break;
                case 5 when reader.IsBytes:
                    // A parser would merge the two into a tensor that neither of them is.
                    tensor = tensor is null ? OnnxTensor.Read(reader.Bytes, budget) : throw Doubled(name, "tensor");
                    break;
                case 6 when reader.IsBytes && graphs++ > 0:
                    throw Doubled(name, "graph");
                case 6 or 11 when reader.IsBytes:
                    Graphs.Add(OnnxGraph.Read(reader.Bytes, budget, depth + 1));
                    break;
                case 10 when reader.IsBytes:
                    OnnxTensor.Read(reader.Bytes, budget);
                    break;
                case 22 or 23 when reader.IsBytes:
                    OnnxGraph.ReadSparse(reader.Bytes, budget);
                    break;
            }
        }

        if (integers.Count > 0)
            Integers[name] = integers;
        if (tensor is not null)
            Tensors[name] = tensor;
    }

    private static FormatException Doubled(string name, string what) => new($"attribute {name} has its {what} twice");
}
