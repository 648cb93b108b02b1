using TumorFunctions.Api.Images;

namespace TumorFunctions.Api.Results;

/// <summary>The reference's answer, and what a reader needs to judge it: spacing and its source, model, device, reasons for nulls.</summary>
public sealed record AnalysisAnswer(
    string Message,
    int ImageId,
    bool TumorDetected,
    double? ConfidenceScore,
    int[]? BoundingBox,
    string? SegmentationMask,
    double? TumorVolume,
    double? TumorArea,
    double? MaxDiameter,
    IReadOnlyDictionary<string, double?> RadiomicsFeatures,
    IReadOnlyList<DetectionOutcome> Detections,
    double[] Spacing,
    bool SpacingAssumed,
    string SpacingSource,
    string Model,
    string Device,
    IReadOnlyList<string> Notes);

public sealed record DetectAnswer(IReadOnlyList<DetectionOutcome> Detections, int Count);
