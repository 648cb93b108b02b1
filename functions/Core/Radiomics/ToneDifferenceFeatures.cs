namespace TumorFunctions.Core.Radiomics;

/// <summary>Features of the neighbourhood grey-tone difference matrix (Amadasun and King 1989).</summary>
internal static class ToneDifferenceFeatures
{
    public static readonly FeatureDefinition[] Definitions =
    [
        new("ngtdm_Coarseness", "ngt_coarseness"),
        new("ngtdm_Contrast", "ngt_contrast"),
        new("ngtdm_Busyness", "ngt_busyness"),
        new("ngtdm_Complexity", "ngt_complexity"),
        new("ngtdm_Strength", "ngt_strength"),
    ];

    /// <summary>What PyRadiomics and IBSI give as the coarseness of a region without any difference.</summary>
    private const double FlatCoarseness = 1e6;

    /// <param name="histogram">Number of voxels by level.</param>
    /// <param name="excludeIsolated">
    /// Leave out voxels that have no neighbour in the region (IBSI), or count them (PyRadiomics).
    /// </param>
    /// <returns>A value for each of <see cref="Definitions"/>, or null where no voxel is left.</returns>
    public static double[]? Compute(NeighbourhoodScan scan, ReadOnlySpan<int> histogram, bool excludeIsolated)
    {
        var tones = new List<Tone>();
        var voxels = 0.0;
        for (var level = 1; level < histogram.Length; level++)
        {
            var count = histogram[level] - (excludeIsolated ? scan.Isolated[level] : 0);
            if (count > 0)
            {
                tones.Add(new Tone(level, count, scan.ToneDifference(level)));
                voxels += count;
            }
        }

        if (tones.Count == 0)
        {
            return null;
        }

        double coarse = 0, difference = 0;
        foreach (var tone in tones)
        {
            coarse += tone.Count / voxels * tone.Difference;
            difference += tone.Difference;
        }

        var pairs = SumPairs(tones, voxels);
        var levels = (double)tones.Count;
        return
        [
            coarse > 0 ? 1 / coarse : FlatCoarseness,
            levels > 1 ? pairs.Contrast / (levels * (levels - 1)) * (difference / voxels) : 0,
            pairs.Busyness > 0 ? coarse / pairs.Busyness : 0,
            pairs.Complexity / voxels,
            difference > 0 ? pairs.Strength / difference : 0,
        ];
    }

    /// <summary>The double sums; each unordered pair once, then doubled.</summary>
    private static (double Contrast, double Busyness, double Complexity, double Strength) SumPairs(
        List<Tone> tones, double voxels)
    {
        double contrast = 0, busyness = 0, complexity = 0, strength = 0;
        for (var a = 0; a < tones.Count; a++)
        {
            var (i, countI, differenceI) = tones[a];
            var pi = countI / voxels;
            for (var b = a + 1; b < tones.Count; b++)
            {
                var (j, countJ, differenceJ) = tones[b];
                var pj = countJ / voxels;
                double apart = j - i;
                contrast += pi * pj * apart * apart;
                busyness += Math.Abs((i * pi) - (j * pj));
                complexity += apart * ((pi * differenceI) + (pj * differenceJ)) / (pi + pj);
                strength += (pi + pj) * apart * apart;
            }
        }

        return (2 * contrast, 2 * busyness, 2 * complexity, 2 * strength);
    }

    private readonly record struct Tone(int Level, double Count, double Difference);
}
