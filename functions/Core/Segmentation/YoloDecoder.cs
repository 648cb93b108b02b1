using System.Runtime.InteropServices;

namespace TumorFunctions.Core.Segmentation;

/// <summary>
/// The Ultralytics segmentation contract: predictions (boxes in input pixels, class scores after the sigmoid, mask
/// coefficients) and mask prototypes.
/// </summary>
internal sealed class YoloDecoder : IOutputDecoder
{
    private const int MaxClasses = 10_000;

    private readonly int _predictions;
    private readonly int _prototypes;
    private readonly PredictionLayout _layout;
    private readonly int _coefficients;
    private readonly int _width;
    private readonly int _gridHeight;
    private readonly int _gridWidth;

    private YoloDecoder(
        int predictions, int prototypes, PredictionLayout layout, int classCount, int coefficients, int width, ReadOnlySpan<long> grid)
    {
        _width = width;
        _gridHeight = (int)grid[2];
        _gridWidth = (int)grid[3];
        _predictions = predictions;
        _prototypes = prototypes;
        _layout = layout;
        _coefficients = coefficients;
        ClassCount = classCount;
    }

    public int ClassCount { get; }

    /// <summary>Recognises the contract in the outputs of a trial run.</summary>
    /// <param name="outputs">Two of them, in any order.</param>
    /// <param name="namedClasses">How many classes the card or the file names; null where neither does.</param>
    /// <param name="suppressed">Whether the file says that suppression is part of the network.</param>
    /// <returns>The decoder; null and the reason where the outputs are something else.</returns>
    public static (YoloDecoder? Decoder, string? Reason) TryCreate(
        ModelOutputs outputs, int inputWidth, int inputHeight, int? namedClasses, bool suppressed)
    {
        var predictions = outputs.Shape(0).Length == 3 ? 0 : 1;
        var prototypes = 1 - predictions;
        var heads = outputs.Shape(predictions);
        var grid = outputs.Shape(prototypes);
        if (heads.Length != 3 || grid.Length != 4)
            return (null, $"outputs of shape {Text(outputs.Shape(0))} and {Text(outputs.Shape(1))} where [1, 4 + classes + coefficients, N] and [1, coefficients, h, w] were expected");
        if (grid[1] < 1 || grid[2] < 1 || grid[3] < 1 || grid[2] > inputHeight || grid[3] > inputWidth)
            return (null, $"prototypes of shape {Text(grid)} do not fit an input of {inputHeight}×{inputWidth}");

        var coefficients = (int)grid[1];
        if (suppressed || (namedClasses is { } count && !Holds(heads, 4 + count + coefficients) && heads[2] == 6 + coefficients))
        {
            return heads[2] == 6 + coefficients
                ? (new YoloDecoder(predictions, prototypes, PredictionLayout.Suppressed, namedClasses ?? MaxClasses, coefficients, 6 + coefficients, grid), null)
                : (null, $"predictions of shape {Text(heads)}; with suppression in the network [1, N, {6 + coefficients}] was expected");
        }

        var width = namedClasses is { } named ? 4 + named + coefficients : SmallerOfAtLeast(5 + coefficients, heads[1], heads[2]);
        var classes = width - 4 - coefficients;
        if (!Holds(heads, width) || classes is < 1 or > MaxClasses)
        {
            return (null, $"predictions of shape {Text(heads)}, which is not 4 box numbers, " +
                (namedClasses is { } n ? $"{n} named class(es)" : "a score for each class") + $" and {coefficients} mask coefficients");
        }

        var layout = heads[1] == width ? PredictionLayout.ByNumber : PredictionLayout.ByPrediction;
        return (new YoloDecoder(predictions, prototypes, layout, (int)classes, coefficients, (int)width, grid), null);
    }

    public void CheckShapes(ModelOutputs outputs, int batch)
    {
        var heads = outputs.Shape(_predictions);
        var grid = outputs.Shape(_prototypes);
        var width = heads.Length == 3 ? heads[_layout == PredictionLayout.ByNumber ? 1 : 2] : 0;
        if (width != _width || heads[0] != batch || !grid.SequenceEqual([batch, _coefficients, _gridHeight, _gridWidth]))
            throw new FormatException($"outputs of shape {Text(heads)} and {Text(grid)} for a batch of {batch}");
    }

    public void CheckValues(ModelOutputs outputs)
    {
        const float Tolerance = 1e-3f;
        var count = Count(outputs);
        var reader = new PredictionReader(outputs.Item(_predictions, 0), _layout, count, ClassCount, _coefficients);
        for (var i = 0; i < count; i++)
        {
            var score = reader.Score(i);
            if (score is < -Tolerance or > 1 + Tolerance)
                throw new FormatException($"a class score is {score}; scores must lie between 0 and 1, after the sigmoid");
        }
    }

    public DecodedSlice Decode(
        ModelOutputs outputs, int item, in Letterbox letterbox, in DecodeSettings settings, CancellationToken cancellationToken)
    {
        var reader = new PredictionReader(outputs.Item(_predictions, item), _layout, Count(outputs), ClassCount, _coefficients);

        var union = new byte[letterbox.SourceWidth * letterbox.SourceHeight];
        var candidates = new List<Candidate>();
        var peak = reader.Collect(settings.Confidence, letterbox, candidates);
        if (candidates.Count == 0)
            return new DecodedSlice([], union, peak);

        var kept = Select(candidates, settings);
        var detections = new Detection[kept.Count];
        var prototypes = outputs.Item(_prototypes, item);
        var coefficients = new float[_coefficients];
        using var renderer = new MaskRenderer(letterbox, _gridWidth, _gridHeight);
        for (var i = 0; i < detections.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var candidate = kept[i];
            reader.CopyCoefficients(candidate.Index, coefficients);
            var mask = renderer.Render(candidate.Box, coefficients, prototypes, union);
            var name = candidate.ClassId < settings.ClassNames.Count ? settings.ClassNames[candidate.ClassId] : $"class_{candidate.ClassId}";
            detections[i] = new Detection(
                candidate.ClassId, name, Math.Min(candidate.Score, 1), letterbox.ToSource(candidate.Box), mask);
        }

        return new DecodedSlice(detections, union, peak);
    }

    private int Count(ModelOutputs outputs) => (int)outputs.Shape(_predictions)[_layout == PredictionLayout.ByNumber ? 2 : 1];

    private List<Candidate> Select(List<Candidate> candidates, in DecodeSettings settings)
    {
        if (_layout != PredictionLayout.Suppressed)
            return NonMaxSuppression.Select(candidates, settings.IoU, settings.MaxDetections);
        candidates.Sort();
        CollectionsMarshal.SetCount(candidates, Math.Min(candidates.Count, settings.MaxDetections));
        return candidates;
    }

    // Without names the axis of the numbers is the shorter one that can hold them.
    private static long SmallerOfAtLeast(int least, long a, long b) =>
        a < least ? b : b < least ? a : Math.Min(a, b);

    private static bool Holds(ReadOnlySpan<long> heads, long width) => heads[1] == width || heads[2] == width;

    private static string Text(ReadOnlySpan<long> shape) => $"[{string.Join(", ", shape.ToArray())}]";
}
