using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Segmentation;

/// <summary>
/// Plain semantic segmentation: one output [batch, channels, h, w] of logits or probabilities. One channel is the tumour's;
/// of several the first is background. Probabilities are brought to the source bilinearly; a pixel belongs to its most
/// probable class, and to none where background is (for one channel: where the probability is not over a half). Findings are
/// the 8-connected components of a class, their confidence the mean probability over the component.
/// </summary>
internal sealed class SemanticDecoder : IOutputDecoder
{
    private const int MaxChannels = 256;

    // A last axis this short beside two longer ones is that of the classes.
    private const int MaxLastChannels = 8;

    private readonly int _channels;
    private readonly int _gridHeight;
    private readonly int _gridWidth;

    private SemanticDecoder(ReadOnlySpan<long> shape) =>
        (_channels, _gridHeight, _gridWidth) = ((int)shape[1], (int)shape[2], (int)shape[3]);

    public int ClassCount => Math.Max(1, _channels - 1);

    /// <inheritdoc cref="YoloDecoder.TryCreate"/>
    public static (SemanticDecoder? Decoder, string? Reason) TryCreate(
        ModelOutputs outputs, int inputWidth, int inputHeight, int? namedClasses)
    {
        var shape = outputs.Shape(0);
        if (shape.Length == 4 && shape[3] <= MaxLastChannels && shape[1] > MaxLastChannels && shape[2] > MaxLastChannels)
            return (null, $"one output of shape [{string.Join(", ", shape.ToArray())}] is channels last (NHWC); export it channels first, [1, classes, h, w]");
        if (shape.Length != 4 || shape[1] is < 1 or > MaxChannels ||
            shape[2] < 1 || shape[3] < 1 || shape[2] > inputHeight || shape[3] > inputWidth)
        {
            return (null, $"one output of shape [{string.Join(", ", shape.ToArray())}] where [1, classes, h, w] of at most {inputHeight}×{inputWidth} was expected");
        }

        var channels = (int)shape[1];
        var classes = Math.Max(1, channels - 1);
        return namedClasses is { } named && named != classes && !(named == channels && channels > 1)
            ? (null, $"{channels} channel(s), so {classes} class(es) beside background, where {named} are named")
            : (new SemanticDecoder(shape), null);
    }

    public void CheckShapes(ModelOutputs outputs, int batch)
    {
        var shape = outputs.Shape(0);
        if (!shape.SequenceEqual([batch, _channels, _gridHeight, _gridWidth]))
            throw new FormatException($"an output of shape [{string.Join(", ", shape.ToArray())}] for a batch of {batch}");
    }

    public void CheckValues(ModelOutputs outputs)
    {
        // Every finite number is a probability or a logit.
    }

    public DecodedSlice Decode(
        ModelOutputs outputs, int item, in Letterbox letterbox, in DecodeSettings settings, CancellationToken cancellationToken)
    {
        var grid = ClassProbabilities.Of(outputs.Item(0, item), _channels, _gridWidth * _gridHeight);
        var (labels, probabilities) = Label(grid, letterbox, cancellationToken);
        var components = Components.Find(labels, probabilities, letterbox.SourceWidth);
        components.Sort((a, b) => b.Confidence != a.Confidence ? b.Confidence.CompareTo(a.Confidence) : b.Area.CompareTo(a.Area));

        var union = new byte[labels.Length];
        var mask = new Mask(union, letterbox.SourceWidth, letterbox.SourceHeight);
        var detections = new List<Detection>();
        foreach (var component in components)
        {
            if (component.Confidence <= settings.Confidence || detections.Count == settings.MaxDetections)
                break;
            component.Mask.AddTo(mask);
            detections.Add(new Detection(component.ClassId, Name(component.ClassId, settings), component.Confidence, component.Box, component.Mask));
        }

        return new DecodedSlice(detections, union, Peak(grid));
    }

    // Names may or may not list the background.
    private string Name(int classId, in DecodeSettings settings) =>
        settings.ClassNames[settings.ClassNames.Count == _channels && _channels > 1 ? classId + 1 : classId];

    // Highest foreground probability anywhere.
    private float Peak(float[] grid)
    {
        var plane = grid.Length / _channels;
        var peak = 0f;
        foreach (var value in grid.AsSpan(_channels > 1 ? plane : 0))
            peak = MathF.Max(peak, value);
        return peak;
    }

    /// <summary>Per source pixel 1 + its class, 0 for background, and the probability of what was chosen.</summary>
    private (byte[] Labels, float[] Probabilities) Label(
        float[] grid, in Letterbox letterbox, CancellationToken cancellationToken)
    {
        using var columns = new UpsampleAxis(_gridWidth, letterbox.TargetWidth, letterbox.Left, letterbox.Width, letterbox.SourceWidth);
        using var rows = new UpsampleAxis(_gridHeight, letterbox.TargetHeight, letterbox.Top, letterbox.Height, letterbox.SourceHeight);
        var labels = new byte[letterbox.SourceWidth * letterbox.SourceHeight];
        var probabilities = new float[labels.Length];
        var row = new float[_gridWidth + UpsampleAxis.Taps];
        for (var y = 0; y < letterbox.SourceHeight; y++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var best = probabilities.AsSpan(y * letterbox.SourceWidth, letterbox.SourceWidth);
            var chosen = labels.AsSpan(y * letterbox.SourceWidth, letterbox.SourceWidth);
            best.Fill(_channels == 1 ? 0.5f : 0);
            for (var c = 0; c < _channels; c++)
            {
                BlendRows(grid.AsSpan(c * _gridWidth * _gridHeight, _gridWidth * _gridHeight), rows, y, row.AsSpan(0, _gridWidth));
                for (var x = 0; x < best.Length; x++)
                {
                    var weights = columns.Weights.Slice(x * UpsampleAxis.Taps, UpsampleAxis.Taps);
                    var taps = row.AsSpan(columns.First[x], UpsampleAxis.Taps);
                    var value = (weights[0] * taps[0]) + (weights[1] * taps[1]) + (weights[2] * taps[2]);
                    if (value > best[x])
                    {
                        best[x] = value;
                        chosen[x] = (byte)(_channels == 1 ? 1 : c);
                    }
                }
            }
        }

        return (labels, probabilities);
    }

    private static void BlendRows(ReadOnlySpan<float> plane, UpsampleAxis rows, int y, Span<float> row)
    {
        row.Clear();
        for (var tap = 0; tap < UpsampleAxis.Taps; tap++)
        {
            var weight = rows.Weights[(y * UpsampleAxis.Taps) + tap];
            if (weight == 0)
                continue;
            var source = plane.Slice((rows.First[y] + tap) * row.Length, row.Length);
            for (var x = 0; x < row.Length; x++)
                row[x] += weight * source[x];
        }
    }
}
