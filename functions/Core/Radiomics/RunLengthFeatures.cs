namespace TumorFunctions.Core.Radiomics;

/// <summary>Features of the grey-level run-length matrix (Galloway 1975).</summary>
internal static class RunLengthFeatures
{
    public static readonly FeatureDefinition[] Definitions =
    [
        new("glrlm_ShortRunEmphasis", "rlm_sre"),
        new("glrlm_LongRunEmphasis", "rlm_lre"),
        new("glrlm_GrayLevelNonUniformity", "rlm_glnu"),
        new("glrlm_GrayLevelNonUniformityNormalized", "rlm_glnu_norm"),
        new("glrlm_RunLengthNonUniformity", "rlm_rlnu"),
        new("glrlm_RunLengthNonUniformityNormalized", "rlm_rlnu_norm"),
        new("glrlm_RunPercentage", "rlm_r_perc"),
        new("glrlm_GrayLevelVariance", "rlm_gl_var"),
        new("glrlm_RunVariance", "rlm_rl_var"),
        new("glrlm_RunEntropy", "rlm_rl_entr"),
        new("glrlm_LowGrayLevelRunEmphasis", "rlm_lgre"),
        new("glrlm_HighGrayLevelRunEmphasis", "rlm_hgre"),
        new("glrlm_ShortRunLowGrayLevelEmphasis", "rlm_srlge"),
        new("glrlm_ShortRunHighGrayLevelEmphasis", "rlm_srhge"),
        new("glrlm_LongRunLowGrayLevelEmphasis", "rlm_lrlge"),
        new("glrlm_LongRunHighGrayLevelEmphasis", "rlm_lrhge"),
    ];

    /// <param name="cells">Number of runs by level and length; not empty.</param>
    /// <param name="features">Receives a value for each of <see cref="Definitions"/>.</param>
    public static void Compute(ReadOnlySpan<MatrixCell> cells, Span<double> features)
    {
        var f = LevelSizeFeatures.Of(cells);
        ReadOnlySpan<double> values =
        [
            f.Sizes.LowEmphasis, f.Sizes.HighEmphasis,
            f.Levels.NonUniformity, f.Levels.NonUniformityNormalised,
            f.Sizes.NonUniformity, f.Sizes.NonUniformityNormalised,
            f.Count / f.Voxels, f.LevelVariance, f.SizeVariance, f.JointEntropy,
            f.Levels.LowEmphasis, f.Levels.HighEmphasis,
            f.SmallLow, f.SmallHigh, f.LargeLow, f.LargeHigh,
        ];
        values.CopyTo(features);
    }
}
