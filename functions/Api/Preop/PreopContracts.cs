using System.Text.Json.Serialization;

namespace TumorFunctions.Api.Preop;

/// <summary>The reference's answer, and what it was derived from: volumes in mm³, lengths in mm, scores from 0 to 100.</summary>
/// <param name="EstimatedTime">Minutes.</param>
/// <param name="Resection">Planned, %.</param>
/// <param name="ActualResection">Removed in whole voxels, %.</param>
/// <param name="Depth">From the head's surface along the path to the tumour.</param>
/// <param name="Reach">From there to the deepest part that is removed.</param>
/// <param name="EdgeDistance">From the tumour to the brain's edge.</param>
public sealed record SimulationAnswer(
    string Message,
    [property: JsonPropertyName("prognosisRisk")] string PrognosisRisk,
    string Difficulty,
    [property: JsonPropertyName("estimatedTime")] int EstimatedTime,
    string Recommendations,
    string Path,
    [property: JsonPropertyName("pathName")] string PathName,
    double Resection,
    [property: JsonPropertyName("actualResection")] double ActualResection,
    [property: JsonPropertyName("tumorVolume")] double? TumorVolume,
    [property: JsonPropertyName("residualVolume")] double? ResidualVolume,
    double Depth,
    double Reach,
    [property: JsonPropertyName("edgeDistance")] double? EdgeDistance,
    [property: JsonPropertyName("riskScore")] double RiskScore,
    [property: JsonPropertyName("difficultyScore")] double DifficultyScore,
    [property: JsonPropertyName("spacingSource")] string SpacingSource,
    string Disclaimer,
    IReadOnlyList<string> Notes);

/// <param name="ModelUrl">Wavefront OBJ in mm.</param>
/// <param name="TextureUrl">PNG that the model's texture coordinates point into.</param>
/// <param name="Spacing">x, y and z in mm that the model was built with.</param>
/// <param name="ThicknessAssumed">Whether z is only a stand-in of 1 mm, so that the model's height means nothing.</param>
public sealed record SurfaceAnswer(
    string Message,
    string ModelUrl,
    string TextureUrl,
    int Vertices,
    int Triangles,
    double[] Spacing,
    string SpacingSource,
    bool ThicknessAssumed,
    IReadOnlyList<string> Notes);
