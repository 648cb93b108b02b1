namespace TumorFunctions.Core.Segmentation.Onnx;

/// <summary>
/// What one file may ask for before the runtime sees it. A message of two bytes becomes an object of a hundred in the runtime's
/// parser, so that fields are counted and not only bytes. The largest networks in the field (nnU-Net, transformers) stay far below.
/// </summary>
internal sealed class OnnxBudget
{
    /// <summary>Elements of the largest tensor: 1 GiB of float32.</summary>
    public const long MaxElements = 1L << 28;

    /// <summary>Bytes of all weights together.</summary>
    public const long MaxWeightBytes = 1L << 31;

    public const int MaxNodes = 20_000;

    /// <summary>Graphs within graphs.</summary>
    public const int MaxDepth = 8;

    /// <summary>Turns of a loop, times those of the loops around it.</summary>
    public const long MaxTrips = 10_000;

    private const int MaxFields = 4_000_000;

    private int _fields;
    private int _nodes;
    private long _weightBytes;

    /// <summary>Elements of the floating-point weights.</summary>
    public long Parameters { get; private set; }

    /// <exception cref="FormatException">There are too many.</exception>
    public void SpendField()
    {
        if (++_fields > MaxFields)
            throw new FormatException($"more than {MaxFields} fields in the file");
    }

    /// <inheritdoc cref="SpendField"/>
    public void SpendNode()
    {
        if (++_nodes > MaxNodes)
            throw new FormatException($"more than {MaxNodes} operators");
    }

    /// <inheritdoc cref="SpendField"/>
    public void SpendWeights(long elements, long bytes, bool floating)
    {
        _weightBytes += bytes;
        if (_weightBytes > MaxWeightBytes)
            throw new FormatException($"the weights take more than {MaxWeightBytes >> 20} MiB");
        if (floating)
            Parameters += elements;
    }

    /// <summary>A product of sides.</summary>
    /// <exception cref="FormatException">A side is negative, or the product is over <see cref="MaxElements"/>.</exception>
    public static long Product(IReadOnlyList<long> sides, string what)
    {
        long product = 1;
        var empty = false;
        foreach (var side in sides)
        {
            if (side < 0)
                throw new FormatException($"{what} has the shape {Text(sides)}, a side of which is negative");
            empty |= side == 0;
            if (side > 0 && (product > MaxElements / side))
                throw new FormatException($"{what} has the shape {Text(sides)}, more than {MaxElements} elements");
            product *= Math.Max(side, 1);
        }

        return empty ? 0 : product;
    }

    public static string Text(IReadOnlyList<long> sides) =>
        sides.Count <= 8 ? $"[{string.Join(", ", sides)}]" : $"[{string.Join(", ", sides.Take(8))}, …]";
}
