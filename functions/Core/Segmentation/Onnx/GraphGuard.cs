namespace TumorFunctions.Core.Segmentation.Onnx;

/// <summary>
/// Refuses graphs whose time or memory a run on one image cannot tell for the next: endless loops, tensors blown up by constants,
/// and sizes computed from pixel values. What only shows when it runs is left to the trial in a process of its own.
/// </summary>
internal sealed class GraphGuard
{
    private const int MaxPasses = 16;
    private const int MaxVisits = 2_000_000;

    private int _visits;

    /// <exception cref="FormatException">The graph is refused; the message names the operator.</exception>
    public static void Check(OnnxGraph graph)
    {
        var scope = new GraphScope(graph, null, 1);
        foreach (var input in graph.Inputs.Where(input => !graph.Initializers.ContainsKey(input)))
            scope.MarkFromPixels(input);
        new GraphGuard().Check(scope);
    }

    private void Check(GraphScope scope)
    {
        foreach (var node in scope.Graph.Nodes)
            BlowUp.Check(node, scope);

        // Operators stand in order as a rule, so that the second pass finds nothing new.
        for (var pass = 0; Spread(scope); pass++)
        {
            if (pass == MaxPasses)
                throw new FormatException("the operators do not stand in topological order");
        }
    }

    private bool Spread(GraphScope scope)
    {
        var news = false;
        foreach (var node in scope.Graph.Nodes)
        {
            // Passes multiply with the depth of the graphs.
            if (++_visits > MaxVisits)
                throw new FormatException("the graphs within graphs are too entangled to be checked");
            var fromPixels = node.Operator is not ("Shape" or "Size") && (IsRandom(node) || node.Inputs.Any(scope.IsFromPixels));
            foreach (var body in node.Graphs)
                fromPixels |= IsBodyFromPixels(node, body, scope, fromPixels);
            BlowUp.CheckSizes(node, scope);
            if (fromPixels)
            {
                foreach (var output in node.Outputs)
                    news |= scope.MarkFromPixels(output);
            }
        }

        return news;
    }

    private bool IsBodyFromPixels(OnnxNode node, OnnxGraph body, GraphScope scope, bool inputsFromPixels)
    {
        var inner = new GraphScope(body, scope, Trips(node, scope));
        if (inputsFromPixels)
        {
            foreach (var input in body.Inputs)
                inner.MarkFromPixels(input);
        }

        Check(inner);
        return body.Outputs.Any(inner.IsFromPixels);
    }

    private static long Trips(OnnxNode node, GraphScope scope)
    {
        if (node.Operator != "Loop")
            return scope.Trips;
        if (node.Inputs.Count == 0 || scope.Constant(node.Inputs[0]) is not { Count: 1 } most)
            throw new FormatException("a Loop without a constant number of turns may never end");
        return most[0] * scope.Trips is >= 0 and <= OnnxBudget.MaxTrips and var trips
            ? (long)trips
            : throw new FormatException($"a Loop of {most[0]} turns; at most {OnnxBudget.MaxTrips} are served, loops around it counted");
    }

    private static bool IsRandom(OnnxNode node) => node.Operator is "Bernoulli" or "Multinomial" ||
        node.Operator.StartsWith("Random", StringComparison.Ordinal);
}
