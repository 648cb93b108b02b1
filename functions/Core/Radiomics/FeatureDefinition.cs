namespace TumorFunctions.Core.Radiomics;

/// <summary>The names of a feature.</summary>
/// <param name="Name">PyRadiomics' name; null for what only IBSI defines.</param>
/// <param name="IbsiTag">
/// Tag in IBSI's reference tables, for textures without the suffix for the aggregation; null where IBSI has no such feature.
/// </param>
internal sealed record FeatureDefinition(string? Name, string? IbsiTag);
