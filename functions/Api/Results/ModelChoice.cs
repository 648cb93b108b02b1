using TumorFunctions.Api.Http;
using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Api.Results;

/// <summary>Which model a request names, and the threshold; null for the defaults.</summary>
public readonly record struct ModelChoice(string? WeightPath, double? Confidence)
{
    private const double DefaultConfidence = 0.25;

    /// <summary>The request's threshold, else the one that the model's card chose on validation.</summary>
    public double ConfidenceFor(ModelInfo model) => Confidence ?? model.Card.DefaultConfidence ?? DefaultConfidence;

    public static ModelChoice Read(RequestFields fields) =>
        new(fields.Text("weightPath", 1024), fields.Number("conf", 0, 1));
}
