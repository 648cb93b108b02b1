using System.Text.Json;
using TumorFunctions.Api.Images;
using TumorFunctions.Api.Masks;

namespace TumorFunctions.Api.Reports;

/// <summary>A report as stored. It stands on its own: what becomes of its image later changes nothing in it.</summary>
public sealed record ReportRecord
{
    public const string DocumentKind = "report";

    public string Kind { get; init; } = DocumentKind;

    public required int ReportId { get; init; }

    public required int ImageId { get; init; }

    public required string? Notes { get; init; }

    /// <summary>As the doctor sent them.</summary>
    public required JsonElement? Metrics { get; init; }

    public required string DoctorName { get; init; }

    public required int CreatedBy { get; init; }

    public required DateTimeOffset SavedAt { get; init; }

    /// <summary>Name of the blob with the grey slice.</summary>
    public required string SliceBlob { get; init; }

    public required ReportSnapshot Snapshot { get; init; }
}

/// <summary>What was known and measured of an image at one moment.</summary>
public sealed record ReportSnapshot
{
    public required ImageFacts Facts { get; init; }

    public required string OriginalFilename { get; init; }

    public required string? Diagnosis { get; init; }

    public required int Width { get; init; }

    public required int Height { get; init; }

    public required int Depth { get; init; }

    /// <summary>Who drew the mask in force; null for the model's or none.</summary>
    public required string? AnnotatedBy { get; init; }

    /// <summary>Null where there is no mask.</summary>
    public required MeasuredMask? Mask { get; init; }

    /// <summary>x, y and, where known, z of the slices as they are shown, in mm.</summary>
    public required double[] Spacing { get; init; }

    public required string SpacingSource { get; init; }

    public required MetricsAnswer Measured { get; init; }

    /// <summary>Null where the image was not analysed.</summary>
    public required AnalysedWith? Analysis { get; init; }

    public required SnapshotPicture Picture { get; init; }

    public required SnapshotChart? Histogram { get; init; }

    /// <summary>Tumour area in mm² of each slice; null for a single slice.</summary>
    public required double[]? SliceAreas { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }
}

/// <summary>The analysis behind the model's findings; figures are the model card's, null where nobody measured them.</summary>
public sealed record AnalysedWith
{
    public required string Model { get; init; }

    public required string? Version { get; init; }

    public required DateTimeOffset AnalysedAt { get; init; }

    public required double ConfidenceThreshold { get; init; }

    public required double? ConfidenceScore { get; init; }

    public required bool TumorDetected { get; init; }

    public double? Dice { get; init; }

    public double? Iou { get; init; }

    public double? MaskMap50 { get; init; }

    public double? MaskMap50To95 { get; init; }

    public double? Sensitivity { get; init; }

    public double? Accuracy { get; init; }

    public string? Limitations { get; init; }
}

/// <summary>The slice that a report shows: of a volume the one with the largest section through the tumour.</summary>
/// <param name="Slice">From 0, as it is shown.</param>
/// <param name="PixelAspect">Height of a pixel by its width.</param>
/// <param name="Mask">Width × Height, one bit a pixel, rows one after another, the lowest bit first; null for none.</param>
/// <param name="Box">x0, y0, x1, y1 around the detections on this slice.</param>
/// <param name="Sides">Left, right, top and bottom as letters of the patient's directions.</param>
public sealed record SnapshotPicture(
    int Slice, int Slices, int Width, int Height, double PixelAspect, byte[]? Mask, int[]? Box, string[]? Sides, string? View);

/// <summary>Share in percent of each bin, of the tumour and of the rest of the tissue.</summary>
public sealed record SnapshotChart(double From, double To, double[] Tumour, double[] Rest);
