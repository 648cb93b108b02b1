namespace TumorFunctions.Core.Segmentation.Onnx;

/// <summary>What is known of the values of a graph and of the graphs around it.</summary>
internal sealed class GraphScope(OnnxGraph graph, GraphScope? outer, long trips)
{
    private readonly Dictionary<string, OnnxTensor> _constants = ConstantsOf(graph);
    private readonly HashSet<string> _fromPixels = [];

    public OnnxGraph Graph { get; } = graph;

    /// <summary>How often the graph may run in one run of the network.</summary>
    public long Trips { get; } = trips;

    /// <summary>The numbers of a small constant; null where the value is none.</summary>
    public IReadOnlyList<double>? Constant(string name) =>
        _constants.TryGetValue(name, out var tensor) ? tensor.Numbers : outer?.Constant(name);

    /// <summary>Elements of a value by its declared shape, free sides counted as 1; 1 where nothing is declared.</summary>
    public long Elements(string name) =>
        _constants.TryGetValue(name, out var tensor) ? tensor.Elements
        : Graph.Shapes.TryGetValue(name, out var shape) ? OnnxBudget.Product(shape, name)
        : outer?.Elements(name) ?? 1;

    /// <summary>Declared sides of a value; null where nothing is declared.</summary>
    public IReadOnlyList<long>? Shape(string name) =>
        Graph.Shapes.TryGetValue(name, out var shape) ? shape : outer?.Shape(name);

    /// <summary>Whether a value hangs on what the image shows, not only on its size.</summary>
    public bool IsFromPixels(string name) => _fromPixels.Contains(name) || (outer?.IsFromPixels(name) ?? false);

    /// <summary>True where that was not known yet.</summary>
    public bool MarkFromPixels(string name) => name.Length > 0 && _fromPixels.Add(name);

    private static Dictionary<string, OnnxTensor> ConstantsOf(OnnxGraph graph)
    {
        var constants = new Dictionary<string, OnnxTensor>(graph.Initializers);
        foreach (var node in graph.Nodes.Where(node => node.Operator == "Constant" && node.Outputs.Count == 1))
        {
            if (node.Tensors.TryGetValue("value", out var tensor))
                constants[node.Outputs[0]] = tensor;
            else if ((node.Integers.GetValueOrDefault("value_ints") ?? node.Integers.GetValueOrDefault("value_int")) is { } numbers)
                constants[node.Outputs[0]] = new OnnxTensor("", [numbers.Count], numbers.Count, [.. numbers.Select(number => (double)number)]);
        }

        return constants;
    }
}
