namespace TumorFunctions.Core.Radiomics;

/// <summary>
/// Features of the grey-level dependence matrix (Sun and Wee 1983; IBSI's neighbouring grey-level dependence matrix) with α = 0.
/// </summary>
internal static class DependenceFeatures
{
    public static readonly FeatureDefinition[] Definitions =
    [
        new("gldm_SmallDependenceEmphasis", "ngl_lde"),
        new("gldm_LargeDependenceEmphasis", "ngl_hde"),
        new("gldm_GrayLevelNonUniformity", "ngl_glnu"),
        new("gldm_DependenceNonUniformity", "ngl_dcnu"),
        new("gldm_DependenceNonUniformityNormalized", "ngl_dcnu_norm"),
        new("gldm_GrayLevelVariance", "ngl_gl_var"),
        new("gldm_DependenceVariance", "ngl_dc_var"),
        new("gldm_DependenceEntropy", "ngl_dc_entr"),
        new("gldm_LowGrayLevelEmphasis", "ngl_lgce"),
        new("gldm_HighGrayLevelEmphasis", "ngl_hgce"),
        new("gldm_SmallDependenceLowGrayLevelEmphasis", "ngl_ldlge"),
        new("gldm_SmallDependenceHighGrayLevelEmphasis", "ngl_ldhge"),
        new("gldm_LargeDependenceLowGrayLevelEmphasis", "ngl_hdlge"),
        new("gldm_LargeDependenceHighGrayLevelEmphasis", "ngl_hdhge"),
        new(null, "ngl_glnu_norm"),
        new(null, "ngl_dc_perc"),
        new(null, "ngl_dc_energy"),
    ];

    public static double[] Compute(NeighbourhoodScan scan)
    {
        using var matrix = scan.Dependence();
        var f = LevelSizeFeatures.Of(matrix.Cells);
        return
        [
            f.Sizes.LowEmphasis, f.Sizes.HighEmphasis,
            f.Levels.NonUniformity, f.Sizes.NonUniformity, f.Sizes.NonUniformityNormalised,
            f.LevelVariance, f.SizeVariance, f.JointEntropy,
            f.Levels.LowEmphasis, f.Levels.HighEmphasis,
            f.SmallLow, f.SmallHigh, f.LargeLow, f.LargeHigh,
            // Every voxel has its neighbourhood, so the percentage is 1 by definition.
            f.Levels.NonUniformityNormalised, 1, f.Energy,
        ];
    }
}
