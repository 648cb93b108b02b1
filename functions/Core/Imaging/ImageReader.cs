namespace TumorFunctions.Core.Imaging;

/// <summary>Bounds on what a reader may allocate for one file.</summary>
/// <param name="MaxSide">Largest width or height in pixels.</param>
/// <param name="MaxVoxels">Largest number of voxels of the decoded volume.</param>
public sealed record ImageLimits(int MaxSide = 16_384, long MaxVoxels = 1L << 28)
{
    public static ImageLimits Default { get; } = new();
}
