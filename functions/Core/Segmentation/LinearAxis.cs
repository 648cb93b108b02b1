namespace TumorFunctions.Core.Segmentation;

/// <summary>Bilinear sampling along one axis with pixel centres at half (align_corners = false, OpenCV's INTER_LINEAR).</summary>
internal static class LinearAxis
{
    /// <summary>The lower of the two samples that position <paramref name="index"/> lies between, and the share of the upper.</summary>
    public static (int Lower, float Fraction) At(int index, int inputLength, int outputLength)
    {
        var scale = (float)inputLength / outputLength;
        var position = Math.Max(0, (scale * (index + 0.5f)) - 0.5f);
        var lower = Math.Min((int)position, inputLength - 1);

        // At the last sample there is no upper one; it repeats.
        return (lower, lower == inputLength - 1 ? 0 : Math.Min(position - lower, 1));
    }

    public static void Fill(int inputLength, int outputLength, Span<int> lower, Span<float> fraction)
    {
        for (var i = 0; i < outputLength; i++)
            (lower[i], fraction[i]) = At(i, inputLength, outputLength);
    }
}
