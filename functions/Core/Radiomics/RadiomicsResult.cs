using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Radiomics;

/// <summary>One feature of a region.</summary>
/// <param name="Value">Always finite; null where the feature is not defined for this region.</param>
/// <param name="Reason">Why the value is null; null where there is a value.</param>
public sealed record RadiomicsFeature(string Name, double? Value, string? Reason = null);

/// <summary>The features of a region in a fixed order: shape, first order, GLCM, GLRLM, GLSZM, GLDM, NGTDM.</summary>
public sealed class RadiomicsResult
{
    private readonly Dictionary<string, RadiomicsFeature> _byName;

    internal RadiomicsResult(IReadOnlyList<RadiomicsFeature> features, IReadOnlyDictionary<string, double?> referenceNames)
    {
        Features = features;
        ReferenceNames = referenceNames;
        _byName = features.ToDictionary(f => f.Name);
    }

    public IReadOnlyList<RadiomicsFeature> Features { get; }

    /// <summary>
    /// The API's short names (GLCM_Contrast, GLCM_Energy, GLRLM_SRE, GLRLM_LRE, FirstOrder_Mean, FirstOrder_Std,
    /// FirstOrder_Median, FirstOrder_Range) in the order in which its documentation lists them; the same in both conventions.
    /// </summary>
    public IReadOnlyDictionary<string, double?> ReferenceNames { get; }

    /// <summary>Number of voxels in the region (after resampling where that was asked for).</summary>
    public required int VoxelCount { get; init; }

    /// <summary>Number of grey levels that the region's values fall into; 0 where they could not be discretised.</summary>
    public required int GreyLevels { get; init; }

    /// <summary>Spacing of the grid that the features were computed on.</summary>
    public required VoxelSpacing Spacing { get; init; }

    /// <exception cref="KeyNotFoundException">No feature has this name.</exception>
    public RadiomicsFeature this[string name] => _byName.TryGetValue(name, out var feature)
        ? feature
        : throw new KeyNotFoundException($"There is no feature '{name}'.");

    public bool TryGetFeature(string name, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out RadiomicsFeature? feature) =>
        _byName.TryGetValue(name, out feature);
}
