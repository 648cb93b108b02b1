namespace TumorFunctions.Core.Segmentation;

/// <summary>How the network's output is read.</summary>
/// <param name="Confidence">Only findings scored above it count, 0 to 1; null takes the model card's default.</param>
/// <param name="IoU">Overlap above which the weaker of two boxes of one class is dropped, 0 to 1; null takes the card's.</param>
/// <param name="MaxDetections">Largest number of findings of one slice.</param>
public sealed record SegmentationOptions(double? Confidence = null, double? IoU = null, int MaxDetections = 300)
{
    public static SegmentationOptions Default { get; } = new();

    /// <exception cref="ArgumentOutOfRangeException">A threshold is not in 0 to 1, or the limit is not positive.</exception>
    internal void Validate()
    {
        ThrowUnlessShare(Confidence, nameof(Confidence));
        ThrowUnlessShare(IoU, nameof(IoU));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxDetections);
    }

    private static void ThrowUnlessShare(double? value, string name)
    {
        if (value is { } share && !(share >= 0 && share <= 1))
        {
            throw new ArgumentOutOfRangeException(name, share, $"{name} must lie between 0 and 1.");
        }
    }
}
