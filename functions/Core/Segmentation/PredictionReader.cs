using System.Numerics;
using System.Runtime.Intrinsics;

namespace TumorFunctions.Core.Segmentation;

/// <summary>Reads the predictions of one slice out of the network's detection output.</summary>
internal readonly ref struct PredictionReader(
    ReadOnlySpan<float> data, PredictionLayout layout, int count, int classCount, int coefficientCount)
{
    private readonly ReadOnlySpan<float> _data = data;
    private readonly int _width = layout == PredictionLayout.Suppressed ? 6 + coefficientCount : 4 + classCount + coefficientCount;

    /// <summary>Collects what scores above the threshold and touches the image; returns the highest score of all.</summary>
    public float Collect(float threshold, in Letterbox letterbox, List<Candidate> candidates)
    {
        var peak = layout == PredictionLayout.ByNumber
            ? ScanRows(threshold, letterbox, candidates)
            : ScanPredictions(threshold, letterbox, candidates);
        return Math.Clamp(peak, 0, 1);
    }

    /// <summary>The best class score of a prediction; not a number where it has none.</summary>
    public float Score(int index) => BestClass(index).Score;

    public void CopyCoefficients(int index, Span<float> coefficients)
    {
        var first = _width - coefficientCount;
        if (layout != PredictionLayout.ByNumber)
        {
            _data.Slice((index * _width) + first, coefficientCount).CopyTo(coefficients);
            return;
        }

        for (var k = 0; k < coefficientCount; k++)
            coefficients[k] = _data[((first + k) * count) + index];
    }

    // Nearly every prediction fails the threshold, so the class rows are compared a vector at a time.
    private float ScanRows(float threshold, in Letterbox letterbox, List<Candidate> candidates)
    {
        var scores = _data.Slice(4 * count, classCount * count);
        var peaks = Vector256<float>.Zero;
        var thresholds = Vector256.Create(threshold);
        var i = 0;
        for (; i <= count - Vector256<float>.Count; i += Vector256<float>.Count)
        {
            var best = Vector256.Create(scores[i..]);
            for (var c = 1; c < classCount; c++)
                best = Greater(Vector256.Create(scores[((c * count) + i)..]), best);
            peaks = Greater(best, peaks);
            var passed = Vector256.GreaterThan(best, thresholds).ExtractMostSignificantBits();
            for (; passed != 0; passed &= passed - 1)
                Add(i + BitOperations.TrailingZeroCount(passed), letterbox, candidates);
        }

        var peak = 0f;
        for (var lane = 0; lane < Vector256<float>.Count; lane++)
            peak = MathF.Max(peak, peaks[lane]);
        for (; i < count; i++)
        {
            var best = BestClass(i).Score;
            peak = best > peak ? best : peak;
            if (best > threshold)
                Add(i, letterbox, candidates);
        }

        return peak;
    }

    // NaN never wins a comparison, so it neither hides a score nor becomes one.
    private static Vector256<float> Greater(Vector256<float> a, Vector256<float> b) =>
        Vector256.ConditionalSelect(Vector256.GreaterThan(a, b) | ~Vector256.Equals(b, b), a, b);

    private float ScanPredictions(float threshold, in Letterbox letterbox, List<Candidate> candidates)
    {
        var peak = 0f;
        for (var i = 0; i < count; i++)
        {
            var best = BestClass(i).Score;
            peak = best > peak ? best : peak;
            if (best > threshold)
                Add(i, letterbox, candidates);
        }

        return peak;
    }

    private (int ClassId, float Score) BestClass(int index)
    {
        if (layout == PredictionLayout.Suppressed)
        {
            var row = _data.Slice(index * _width, _width);
            var classId = row[5] >= 0 && row[5] < classCount ? (int)row[5] : -1;
            return (classId, classId < 0 ? float.NaN : row[4]);
        }

        var best = (ClassId: 0, Score: float.NaN);
        for (var c = 0; c < classCount; c++)
        {
            var score = At(4 + c, index);
            if (score > best.Score || float.IsNaN(best.Score))
                best = (c, score);
        }

        return best;
    }

    private void Add(int index, in Letterbox letterbox, List<Candidate> candidates)
    {
        var (classId, score) = BestClass(index);
        float a = At(0, index), b = At(1, index), c = At(2, index), d = At(3, index);
        if (!float.IsFinite(a + b + c + d))
            return;
        var box = layout == PredictionLayout.Suppressed
            ? new BoundingBox(a, b, c, d)
            : new BoundingBox(a - (c / 2), b - (d / 2), a + (c / 2), b + (d / 2));
        var inSource = letterbox.ToSource(box);
        if (inSource.Width > 0 && inSource.Height > 0)
            candidates.Add(new Candidate(score, classId, index, box));
    }

    private float At(int number, int index) =>
        layout == PredictionLayout.ByNumber ? _data[(number * count) + index] : _data[(index * _width) + number];
}
