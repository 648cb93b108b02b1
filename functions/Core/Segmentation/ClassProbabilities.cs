namespace TumorFunctions.Core.Segmentation;

/// <summary>
/// Makes probabilities of a map of classes. Values that lie in 0 to 1 (and, for several channels, sum to 1 everywhere) are
/// probabilities already; others are logits: a sigmoid for one channel, a softmax over several.
/// </summary>
internal static class ClassProbabilities
{
    private const float Tolerance = 1e-2f;

    /// <param name="values">One plane a channel.</param>
    public static float[] Of(ReadOnlySpan<float> values, int channels, int plane)
    {
        var result = values.ToArray();
        if (AreProbabilities(values, channels, plane))
            return result;
        for (var i = 0; i < plane; i++)
        {
            if (channels == 1)
            {
                result[i] = 1 / (1 + MathF.Exp(-values[i]));
                continue;
            }

            var peak = float.NegativeInfinity;
            for (var c = 0; c < channels; c++)
                peak = MathF.Max(peak, values[(c * plane) + i]);
            var sum = 0f;
            for (var c = 0; c < channels; c++)
                sum += result[(c * plane) + i] = MathF.Exp(values[(c * plane) + i] - peak);
            for (var c = 0; c < channels; c++)
                result[(c * plane) + i] /= sum;
        }

        return result;
    }

    private static bool AreProbabilities(ReadOnlySpan<float> values, int channels, int plane)
    {
        foreach (var value in values)
        {
            if (value is < -Tolerance or > 1 + Tolerance)
                return false;
        }

        if (channels == 1)
            return true;
        for (var i = 0; i < plane; i++)
        {
            var sum = 0f;
            for (var c = 0; c < channels; c++)
                sum += values[(c * plane) + i];
            if (MathF.Abs(sum - 1) > Tolerance)
                return false;
        }

        return true;
    }
}
