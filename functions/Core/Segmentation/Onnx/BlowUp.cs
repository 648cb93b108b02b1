namespace TumorFunctions.Core.Segmentation.Onnx;

/// <summary>How large operators make their outputs, as far as constants and declared shapes tell.</summary>
internal static class BlowUp
{
    private const long MaxStep = 1 << 16;

    // Which inputs say how large the output is.
    private static readonly Dictionary<string, int[]> SizeInputs = new()
    {
        ["ConstantOfShape"] = [0],
        ["Expand"] = [1],
        ["Tile"] = [1],
        ["Range"] = [0, 1, 2],
        ["Resize"] = [2, 3],
        ["Upsample"] = [1],
        ["Pad"] = [1],
        ["OneHot"] = [1],
        ["Loop"] = [0],
    };

    private static readonly string[] StepAttributes =
        ["pads", "strides", "dilations", "kernel_shape", "output_padding", "output_shape", "scales", "blocksize"];

    /// <exception cref="FormatException">An output would be too large; the message names the operator and the output.</exception>
    public static void Check(OnnxNode node, GraphScope scope)
    {
        foreach (var name in StepAttributes)
        {
            if (node.Integers.TryGetValue(name, out var steps) && steps.Any(step => step is < -MaxStep or > MaxStep))
                throw new FormatException($"{node.Operator} has {name} {OnnxBudget.Text(steps)}; steps of at most {MaxStep} are served");
        }

        if (Elements(node, scope) is var elements && elements > OnnxBudget.MaxElements)
        {
            throw new FormatException(FormattableString.Invariant(
                $"{node.Operator} makes {node.Outputs.FirstOrDefault()} of {elements:G4} elements; at most {OnnxBudget.MaxElements} are served"));
        }
    }

    /// <exception cref="FormatException">The size of an output hangs on pixel values: no trial can say how large it gets.</exception>
    public static void CheckSizes(OnnxNode node, GraphScope scope)
    {
        if (!SizeInputs.TryGetValue(node.Operator, out var places))
            return;
        foreach (var place in places)
        {
            if (place < node.Inputs.Count && scope.IsFromPixels(node.Inputs[place]))
                throw new FormatException($"{node.Operator} takes the size of {node.Outputs.FirstOrDefault()} from pixel values or chance ({node.Inputs[place]})");
        }
    }

    // At least so many; 0 where nothing is known. As floating point, so that nothing wraps around.
    private static double Elements(OnnxNode node, GraphScope scope) => node.Operator switch
    {
        "ConstantOfShape" => Product(Input(node, scope, 0)),
        "Expand" => Product(Input(node, scope, 1)),
        "Tile" => Product(Input(node, scope, 1)) * Given(node, scope),
        "Resize" => Math.Max(Product(Input(node, scope, 3)), Product(Input(node, scope, 2)) * Given(node, scope)),
        "Upsample" => Product(Input(node, scope, 1)) * Given(node, scope),
        "OneHot" => Product(Input(node, scope, 1)) * Given(node, scope),
        "RandomNormal" or "RandomUniform" => Product(node.Integers.GetValueOrDefault("shape")?.Select(side => (double)side)),
        "ConvTranspose" => Math.Max(
            Product(node.Integers.GetValueOrDefault("output_shape")?.Select(side => (double)side)),
            Product(node.Integers.GetValueOrDefault("strides")?.Select(side => (double)side))),
        "Range" => Range(node, scope),
        "Pad" => Padded(node, scope),
        _ => 0,
    };

    private static double Range(OnnxNode node, GraphScope scope) =>
        Input(node, scope, 0) is [var start] && Input(node, scope, 1) is [var limit] && Input(node, scope, 2) is [var delta] && delta != 0
            ? Math.Max(0, (limit - start) / delta)
            : 0;

    private static double Padded(OnnxNode node, GraphScope scope)
    {
        var pads = Input(node, scope, 1) ?? node.Integers.GetValueOrDefault("pads")?.Select(pad => (double)pad).ToArray();
        if (pads is null || pads.Count % 2 != 0)
            return 0;
        var rank = pads.Count / 2;
        var shape = node.Inputs.Count > 0 && scope.Shape(node.Inputs[0]) is { } known && known.Count == rank ? known : null;
        double product = 1;
        for (var axis = 0; axis < rank; axis++)
            product *= Math.Max(1, (shape?[axis] ?? 1) + pads[axis] + pads[axis + rank]);
        return product;
    }

    private static IReadOnlyList<double>? Input(OnnxNode node, GraphScope scope, int place) =>
        place < node.Inputs.Count ? scope.Constant(node.Inputs[place]) : null;

    private static double Given(OnnxNode node, GraphScope scope) => node.Inputs.Count > 0 ? scope.Elements(node.Inputs[0]) : 1;

    private static double Product(IEnumerable<double>? sides)
    {
        if (sides is null)
            return 0;
        double product = 1;
        foreach (var side in sides)
            product *= side;
        return double.IsNaN(product) ? double.PositiveInfinity : product;
    }
}
