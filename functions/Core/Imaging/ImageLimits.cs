namespace TumorFunctions.Core.Imaging;

/// <summary>Bounds on what a reader may allocate for one file.</summary>
/// <param name="MaxSide">Largest width or height in pixels.</param>
/// <param name="MaxVoxels">Largest number of voxels of the decoded volume.</param>
public sealed record ImageLimits(int MaxSide = 16_384, long MaxVoxels = 1L << 28)
{
    public static ImageLimits Default { get; } = new();

    /// <summary>Accepts the size that a header states, before anything is allocated for it.</summary>
    /// <param name="what">The format, as the message names it.</param>
    /// <exception cref="ImageFormatException">A side is not positive, or the size exceeds the limits.</exception>
    internal void Check(string what, long width, long height, long depth = 1)
    {
        if (width <= 0 || height <= 0 || depth <= 0)
            throw Refusal.Corrupt($"The {what} states a size of {width}×{height}×{depth}; every side must be at least 1.");

        if (width > MaxSide || height > MaxSide)
            throw Refusal.TooLarge($"The {what} is {width}×{height} pixels; at most {MaxSide} on a side are read.");

        if (width * height > MaxVoxels / depth)
            throw Refusal.TooLarge($"The {what} is {width}×{height}×{depth} voxels; at most {MaxVoxels} are read.");
    }
}
