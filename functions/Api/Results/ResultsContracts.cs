using System.Text.Json.Serialization;
using TumorFunctions.Api.Images;
using TumorFunctions.Api.Masks;

namespace TumorFunctions.Api.Results;

/// <summary>The reference's answer, and what a reader needs to judge it: spacing and its source, model, device, reasons for nulls.</summary>
public sealed record AnalysisAnswer
{
    public string Message { get; } = "分析完成";

    public required int ImageId { get; init; }

    public required bool TumorDetected { get; init; }

    public required double? ConfidenceScore { get; init; }

    public required int[]? BoundingBox { get; init; }

    /// <summary>The model's mask on the middle slice of the largest lesion.</summary>
    public required string? SegmentationMask { get; init; }

    /// <summary>Which slice that is, as the slices are shown.</summary>
    public required int? Slice { get; init; }

    /// <summary>axial, coronal or sagittal: what the slices show; null where the file does not tell.</summary>
    public required string? View { get; init; }

    /// <summary>The model's whole mask as NIfTI.</summary>
    public required string? MaskUrl { get; init; }

    /// <summary>Whose mask the following measurements are of: model, or clinician where one was drawn; null where there is none.</summary>
    public required string? MeasurementsFrom { get; init; }

    public required double? TumorVolume { get; init; }

    public required double? TumorArea { get; init; }

    public required double? MaxDiameter { get; init; }

    [JsonPropertyName("bounding_box_3d")]
    public required int[]? BoundingBox3D { get; init; }

    public required int LesionCount { get; init; }

    public required IReadOnlyList<LesionOutcome> Lesions { get; init; }

    public required IReadOnlyDictionary<string, double?> RadiomicsFeatures { get; init; }

    public required IReadOnlyList<DetectionOutcome> Detections { get; init; }

    public required double[] Spacing { get; init; }

    public bool SpacingAssumed => SpacingSource == SpacingChoice.Assumed;

    public required string SpacingSource { get; init; }

    public required string Model { get; init; }

    public required string Device { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }
}

public sealed record DetectAnswer(IReadOnlyList<DetectionOutcome> Detections, int Count);
