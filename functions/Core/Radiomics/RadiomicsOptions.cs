using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Radiomics;

/// <summary>Whose names and formulas the features follow where the two differ.</summary>
public enum RadiomicsConvention
{
    /// <summary>
    /// PyRadiomics: names such as <c>glcm_Contrast</c>; bins aligned to multiples of the bin width; kurtosis without correction;
    /// voxels without a neighbour counted in the NGTDM.
    /// </summary>
    PyRadiomics,

    /// <summary>
    /// IBSI-1 (arXiv:1612.07003): the tags of its reference tables such as <c>cm_contrast_3D_avg</c>; bins aligned to the minimum
    /// of the region; excess kurtosis; voxels without a neighbour left out of the NGTDM. Features that IBSI does not define keep
    /// their PyRadiomics name, and a few that PyRadiomics does not have are added.
    /// </summary>
    Ibsi,
}

/// <summary>How GLCM and GLRLM of several directions become one value.</summary>
public enum TextureAggregation
{
    /// <summary>A feature is computed for each direction; the mean is taken (PyRadiomics' default, IBSI's "averaged").</summary>
    Averaged,

    /// <summary>The matrices are added up first (IBSI's "merged").</summary>
    Merged,
}

/// <summary>What the extractor is asked for; the defaults are those of PyRadiomics.</summary>
public sealed record RadiomicsOptions
{
    public static RadiomicsOptions Default { get; } = new();

    /// <summary>Width of a grey-level bin in units of the image; not used where <see cref="BinCount"/> is set.</summary>
    public double BinWidth { get; init; } = 25;

    /// <summary>A fixed number of bins between the smallest and the largest value of the region, 1 to 8192.</summary>
    public int? BinCount { get; init; }

    public RadiomicsConvention Convention { get; init; } = RadiomicsConvention.PyRadiomics;

    public TextureAggregation Aggregation { get; init; } = TextureAggregation.Averaged;

    /// <summary>
    /// Neighbours and directions only within a slice, matrices of all slices added up (PyRadiomics' force2D, IBSI's 2.5D): for
    /// volumes with slices much thicker than their pixels. A region within one slice is treated so in any case.
    /// </summary>
    public bool Force2D { get; init; }

    /// <summary>
    /// Spacing in mm to resample to before anything is computed: image trilinear, mask nearest neighbour, grids aligned at their
    /// centres (IBSI-1, 2.4). A component of 0 leaves its axis as it is; an image of depth 1 is never resampled along z.
    /// </summary>
    public VoxelSpacing? Resampling { get; init; }

    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    internal void Validate()
    {
        if (!double.IsFinite(BinWidth) || BinWidth <= 0)
        {
            throw new ArgumentException($"The bin width must be a positive number, not {BinWidth}.", nameof(BinWidth));
        }

        if (BinCount is < 1 or > Discretizer.MaxLevels)
        {
            throw new ArgumentException($"The bin count must be 1 to {Discretizer.MaxLevels}, not {BinCount}.", nameof(BinCount));
        }

        if (Resampling is { } r && !(IsLength(r.X) && IsLength(r.Y) && IsLength(r.Z)))
        {
            throw new ArgumentException(
                $"The resampling spacing must be positive (or 0 to keep an axis), not {r}.", nameof(Resampling));
        }
    }

    private static bool IsLength(double mm) => double.IsFinite(mm) && mm >= 0;
}
