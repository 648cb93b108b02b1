using System.Numerics.Tensors;
using Microsoft.ML.OnnxRuntime;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Segmentation;

/// <summary>
/// Reads the two outputs of the common segmentation export: output0 [1, 4 + classes + 32, N] (or transposed) with cx, cy, w, h in
/// input pixels, class scores after the sigmoid and mask coefficients; output1 [1, 32, H/4, W/4] with the prototypes.
/// </summary>
internal sealed class YoloDecoder
{
    private const int BoxRows = 4;

    private readonly IReadOnlyList<string> _classes;

    public YoloDecoder(IReadOnlyList<string> classes) => _classes = classes;

    public SegmentationResult Decode(
        OrtValue rows, OrtValue prototypes, int batchIndex, Letterbox letterbox, SegmentationOptions options, TimeSpan inferenceTime)
    {
        var prototypeShape = prototypes.GetTensorTypeAndShape().Shape;
        var (maskCount, gridHeight, gridWidth) = ((int)prototypeShape[1], (int)prototypeShape[2], (int)prototypeShape[3]);
        var layout = RowLayout.Of(rows.GetTensorTypeAndShape().Shape, _classes.Count, maskCount);
        var values = rows.GetTensorDataAsSpan<float>().Slice(batchIndex * layout.Length, layout.Length);
        var grid = maskCount * gridHeight * gridWidth;
        var painter = new MaskPainter(
            prototypes.GetTensorDataAsSpan<float>().Slice(batchIndex * grid, grid), maskCount, gridWidth, gridHeight, letterbox);

        var (candidates, peak) = FindCandidates(values, layout, (float)options.Confidence);
        var kept = NonMaximumSuppression.Apply(candidates, options.NmsIoU, options.MaxDetections);
        var mask = Mask.Empty(letterbox.SourceWidth, letterbox.SourceHeight);
        var detections = new List<Detection>(kept.Count);
        Span<float> coefficients = stackalloc float[maskCount <= 256 ? maskCount : throw TooManyPrototypes(maskCount)];
        foreach (var candidate in kept)
        {
            for (var k = 0; k < maskCount; k++)
            {
                coefficients[k] = values[layout.At(BoxRows + _classes.Count + k, candidate.Row)];
            }

            var outline = painter.Paint(coefficients, candidate.Box);
            if (outline is not null)
            {
                Draw(outline, mask);
            }

            detections.Add(new Detection(
                candidate.ClassId, _classes[candidate.ClassId], candidate.Score, letterbox.ToSource(candidate.Box), outline));
        }

        return new SegmentationResult(detections, mask, peak, inferenceTime);
    }

    private static ModelException TooManyPrototypes(int count) => new($"The model has {count} mask prototypes; at most 256 are read.");

    private (List<Candidate> Candidates, float Peak) FindCandidates(ReadOnlySpan<float> values, RowLayout layout, float threshold)
    {
        List<Candidate> candidates = [];
        var peak = 0f;
        if (layout.ChannelsFirst)
        {
            // Most rows of scores hold nothing above the threshold, and finding that out is one vectorised pass.
            for (var c = 0; c < _classes.Count; c++)
            {
                var scores = values.Slice((BoxRows + c) * layout.Count, layout.Count);
                var best = TensorPrimitives.MaxNumber(scores);
                peak = MathF.Max(peak, best);
                if (best <= threshold)
                {
                    continue;
                }

                for (var n = 0; n < scores.Length; n++)
                {
                    if (scores[n] > threshold && IsBestClass(values, layout, n, c))
                    {
                        candidates.Add(new Candidate(BoxAt(values, layout, n), scores[n], c, n));
                    }
                }
            }
        }
        else
        {
            for (var n = 0; n < layout.Count; n++)
            {
                var scores = values.Slice((n * layout.Channels) + BoxRows, _classes.Count);
                var best = TensorPrimitives.IndexOfMax(scores);
                if (float.IsNaN(scores[best]))
                {
                    continue;
                }

                peak = MathF.Max(peak, scores[best]);
                if (scores[best] > threshold)
                {
                    candidates.Add(new Candidate(BoxAt(values, layout, n), scores[best], best, n));
                }
            }
        }

        return (candidates, Math.Clamp(peak, 0, 1));
    }

    // The first of the classes with the highest score.
    private bool IsBestClass(ReadOnlySpan<float> values, RowLayout layout, int n, int c)
    {
        var score = values[layout.At(BoxRows + c, n)];
        for (var other = 0; other < _classes.Count; other++)
        {
            var rival = values[layout.At(BoxRows + other, n)];
            if (rival > score || (rival == score && other < c))
            {
                return false;
            }
        }

        return true;
    }

    private static BoundingBox BoxAt(ReadOnlySpan<float> values, RowLayout layout, int n)
    {
        var (cx, cy) = (values[layout.At(0, n)], values[layout.At(1, n)]);
        var (halfWidth, halfHeight) = (values[layout.At(2, n)] / 2, values[layout.At(3, n)] / 2);
        return new BoundingBox(cx - halfWidth, cy - halfHeight, cx + halfWidth, cy + halfHeight);
    }

    private static void Draw(MaskPatch patch, Mask mask)
    {
        for (var y = 0; y < patch.Height; y++)
        {
            var target = mask.Voxels.AsSpan(((patch.Y + y) * mask.Width) + patch.X, patch.Width);
            TensorPrimitives.BitwiseOr(target, patch.Pixels.AsSpan(y * patch.Width, patch.Width), target);
        }
    }

    /// <summary>Where channel c of row n stands in output0.</summary>
    private readonly record struct RowLayout(bool ChannelsFirst, int Channels, int Count)
    {
        public int Length => Channels * Count;

        /// <exception cref="ModelException">Neither axis holds 4 + classes + prototypes channels.</exception>
        public static RowLayout Of(long[] shape, int classes, int prototypes)
        {
            var channels = BoxRows + classes + prototypes;
            if (shape[1] == channels)
            {
                return new RowLayout(true, channels, (int)shape[2]);
            }

            return shape[2] == channels
                ? new RowLayout(false, channels, (int)shape[1])
                : throw new ModelException(
                    $"The model's first output is [{string.Join(", ", shape)}]; one axis must have 4 + {classes} classes + {prototypes} prototypes = {channels}.");
        }

        public int At(int channel, int n) => ChannelsFirst ? (channel * Count) + n : (n * Channels) + channel;
    }
}
