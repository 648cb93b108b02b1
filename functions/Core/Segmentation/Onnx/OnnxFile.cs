namespace TumorFunctions.Core.Segmentation.Onnx;

/// <summary>
/// What is read off an ONNX file before any native code sees it (onnx.proto of the ONNX project): that it is whole, keeps its
/// weights inside, claims no more than it carries, and asks for nothing that grows without bound.
/// </summary>
/// <param name="Parameters">Elements of the floating-point initializers.</param>
internal readonly record struct OnnxFile(long Parameters)
{
    private const long MinOpset = 7;

    /// <exception cref="FormatException">The file is truncated, no ONNX, or asks for what is not served; the message says which.</exception>
    public static OnnxFile Inspect(ReadOnlySpan<byte> file)
    {
        if (ForeignFormat.Name(file) is { } foreign)
            throw new FormatException(foreign);
        var budget = new OnnxBudget();
        OnnxGraph? graph = null;
        var hasOpset = false;
        var model = new ProtobufReader(file, budget);
        while (model.Read())
        {
            switch (model.Field)
            {
                case 7 when model.IsBytes:
                    // A parser would merge the two.
                    graph = graph is null ? OnnxGraph.Read(model.Bytes, budget, 0) : throw new FormatException("the file holds two graphs");
                    break;
                case 8 when model.IsBytes:
                    CheckOpset(model.Bytes, budget);
                    hasOpset = true;
                    break;
                case 25 when model.IsBytes:
                    throw new FormatException("the model defines functions of its own; export it with functions inlined");
            }
        }

        if (graph is null || !hasOpset)
            throw new FormatException("no ONNX model: it holds no " + (graph is null ? "graph" : "operator set"));
        CheckEnds(graph);
        GraphGuard.Check(graph);
        return new OnnxFile(budget.Parameters);
    }

    private static void CheckOpset(ReadOnlySpan<byte> message, OnnxBudget budget)
    {
        var domain = "";
        long version = 0;
        var opset = new ProtobufReader(message, budget);
        while (opset.Read())
        {
            if (opset.Field == 1 && opset.IsBytes)
                domain = OnnxTensor.Text(opset.Bytes);
            else if (opset.Field == 2)
                version = (long)opset.Number;
        }

        // How new it may be is the runtime's to say.
        if (domain is "" or "ai.onnx" && version < MinOpset)
            throw new FormatException($"opset {version}; served are opsets from {MinOpset} on");
    }

    private static void CheckEnds(OnnxGraph graph)
    {
        if (graph.Inputs.All(graph.Initializers.ContainsKey))
            throw new FormatException("the graph has no input where one image input was expected");
        if (graph.Outputs.Count == 0)
            throw new FormatException("the graph has no outputs");
        HashSet<string> made = [.. graph.Nodes.SelectMany(node => node.Outputs), .. graph.Inputs, .. graph.Initializers.Keys];
        if (graph.Outputs.FirstOrDefault(output => !made.Contains(output)) is { } missing)
            throw new FormatException($"output {missing} is missing: no operator makes it");
    }
}
