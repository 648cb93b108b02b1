using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Results;

/// <summary>Which model a request names, and the threshold; null for the defaults.</summary>
public readonly record struct ModelChoice(string? WeightPath, double? Confidence)
{
    public static ModelChoice Read(RequestFields fields) =>
        new(fields.Text("weightPath", 1024), fields.Number("conf", 0, 1));
}
