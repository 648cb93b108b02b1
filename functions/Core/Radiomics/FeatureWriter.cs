using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Radiomics;

/// <summary>Collects the values of the classes and names them. A class left null is not defined for the region.</summary>
internal sealed class FeatureWriter(RadiomicsOptions options, Region? region)
{
    private readonly List<RadiomicsFeature> _features = new(128);
    private readonly Dictionary<string, double?> _values = new(128);

    public double[]? Shape { get; set; }

    public double[]? PlanarShape { get; set; }

    public double[]? FirstOrder { get; set; }

    public double[]? Cooccurrence { get; set; }

    public double[]? RunLength { get; set; }

    public double[]? SizeZone { get; set; }

    public double[]? Dependence { get; set; }

    public double[]? ToneDifference { get; set; }

    public RadiomicsResult Empty(string reason, VoxelSpacing spacing) => Write(reason, reason, reason, 0, 0, spacing);

    /// <param name="valuesReason">Why there are no first-order features, or null.</param>
    /// <param name="textureReason">Why there are no texture features, or null.</param>
    public RadiomicsResult Write(Region found, LevelGrid? grid, string? valuesReason, string? textureReason) => Write(
        "The region does not lie within one slice.", valuesReason, textureReason,
        found.VoxelCount, grid?.Histogram.Count(n => n > 0) ?? 0, found.Spacing);

    private RadiomicsResult Write(
        string planarReason, string? valuesReason, string? textureReason, int voxels, int levels, VoxelSpacing spacing)
    {
        const string Degenerate = "Not defined for this region: its denominator is 0.";
        const string NoNeighbours = "No two voxels of the region are neighbours.";
        const string NoLine = "No line in any direction meets two voxels of the region.";
        var missing = region is null ? planarReason : null;
        Add(ShapeFeatures.Definitions, Shape, "", missing ?? Degenerate);
        Add(PlanarShapeFeatures.Definitions, PlanarShape, "", PlanarShape is null ? planarReason : Degenerate);
        Add(FirstOrderFeatures.Definitions, FirstOrder, "", valuesReason ?? textureReason ?? Degenerate);
        var slices = options.Force2D ? "2_5D" : "3D";
        slices = region?.Depth == 1 ? "2D" : slices;
        var combined = $"_{slices}_{(options.Aggregation == TextureAggregation.Merged ? "comb" : "avg")}";
        Add(CooccurrenceFeatures.Definitions, Cooccurrence, combined, textureReason ?? NoNeighbours);
        Add(RunLengthFeatures.Definitions, RunLength, combined, textureReason ?? NoLine);
        Add(SizeZoneFeatures.Definitions, SizeZone, $"_{slices}", textureReason ?? Degenerate);
        Add(DependenceFeatures.Definitions, Dependence, $"_{slices}", textureReason ?? Degenerate);
        Add(ToneDifferenceFeatures.Definitions, ToneDifference, $"_{slices}", textureReason ?? NoNeighbours);
        return new RadiomicsResult(_features, ReferenceNames())
        {
            VoxelCount = voxels,
            GreyLevels = levels,
            Spacing = spacing,
        };
    }

    private void Add(FeatureDefinition[] definitions, double[]? values, string suffix, string reason)
    {
        var ibsi = options.Convention == RadiomicsConvention.Ibsi;
        for (var f = 0; f < definitions.Length; f++)
        {
            var (name, tag) = definitions[f];
            double? value = values is not null && double.IsFinite(values[f]) ? values[f] : null;
            if (name is not null)
            {
                _values[name] = value;
            }

            if (ibsi || name is not null)
            {
                _features.Add(new RadiomicsFeature(
                    ibsi && tag is not null ? tag + suffix : name!, value, value is null ? reason : null));
            }
        }
    }

    private OrderedDictionary<string, double?> ReferenceNames() => new()
    {
        ["GLCM_Contrast"] = _values["glcm_Contrast"],
        ["GLCM_Energy"] = _values["glcm_JointEnergy"],
        ["GLRLM_SRE"] = _values["glrlm_ShortRunEmphasis"],
        ["GLRLM_LRE"] = _values["glrlm_LongRunEmphasis"],
        ["FirstOrder_Mean"] = _values["firstorder_Mean"],
        ["FirstOrder_Std"] = _values["firstorder_Variance"] is { } variance ? Math.Sqrt(variance) : null,
        ["FirstOrder_Median"] = _values["firstorder_Median"],
        ["FirstOrder_Range"] = _values["firstorder_Range"],
    };
}
