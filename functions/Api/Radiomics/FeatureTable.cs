using System.Text.Json.Serialization;
using TumorFunctions.Core.Radiomics;

namespace TumorFunctions.Api.Radiomics;

/// <summary>A feature as the API shows it.</summary>
/// <param name="Reason">Why the value is null.</param>
public sealed record FeatureValue(
    string Name,
    double? Value,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason = null);

/// <summary>The reference's short names first, then every feature under its full name.</summary>
public static class FeatureTable
{
    private const string NoThickness = "层厚未知，无法计算三维特征；可通过 slice_thickness (mm) 提供";

    /// <param name="thicknessKnown">If not, what needs a third dimension is null.</param>
    public static IReadOnlyList<FeatureValue> Of(RadiomicsResult radiomics, bool thicknessKnown)
    {
        List<FeatureValue> table = [.. radiomics.ReferenceNames.Select(feature => new FeatureValue(feature.Key, feature.Value))];
        foreach (var feature in radiomics.Features)
        {
            table.Add(!thicknessKnown && NeedsThickness(feature.Name)
                ? new FeatureValue(feature.Name, null, NoThickness)
                : new FeatureValue(feature.Name, feature.Value, feature.Reason));
        }

        return table;
    }

    // PyRadiomics' names, and the tags of IBSI's morphological family; those of a plane are in the plane.
    private static bool NeedsThickness(string name) =>
        name.StartsWith("shape_", StringComparison.Ordinal)
        || name.StartsWith("morph_", StringComparison.Ordinal)
        || name == "firstorder_TotalEnergy";
}
