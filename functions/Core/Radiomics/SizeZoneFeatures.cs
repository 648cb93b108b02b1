namespace TumorFunctions.Core.Radiomics;

/// <summary>Features of the grey-level size-zone matrix (Thibault 2009).</summary>
internal static class SizeZoneFeatures
{
    public static readonly FeatureDefinition[] Definitions =
    [
        new("glszm_SmallAreaEmphasis", "szm_sze"),
        new("glszm_LargeAreaEmphasis", "szm_lze"),
        new("glszm_GrayLevelNonUniformity", "szm_glnu"),
        new("glszm_GrayLevelNonUniformityNormalized", "szm_glnu_norm"),
        new("glszm_SizeZoneNonUniformity", "szm_zsnu"),
        new("glszm_SizeZoneNonUniformityNormalized", "szm_zsnu_norm"),
        new("glszm_ZonePercentage", "szm_z_perc"),
        new("glszm_GrayLevelVariance", "szm_gl_var"),
        new("glszm_ZoneVariance", "szm_zs_var"),
        new("glszm_ZoneEntropy", "szm_zs_entr"),
        new("glszm_LowGrayLevelZoneEmphasis", "szm_lgze"),
        new("glszm_HighGrayLevelZoneEmphasis", "szm_hgze"),
        new("glszm_SmallAreaLowGrayLevelEmphasis", "szm_szlge"),
        new("glszm_SmallAreaHighGrayLevelEmphasis", "szm_szhge"),
        new("glszm_LargeAreaLowGrayLevelEmphasis", "szm_lzlge"),
        new("glszm_LargeAreaHighGrayLevelEmphasis", "szm_lzhge"),
    ];

    /// <summary>The matrix of a region and its features: the same formulas, in the same order, as for runs.</summary>
    public static double[] Compute(LevelGrid grid)
    {
        using var zones = ZoneScan.Run(grid);
        var features = new double[Definitions.Length];
        RunLengthFeatures.Compute(zones.Cells, features);
        return features;
    }
}
