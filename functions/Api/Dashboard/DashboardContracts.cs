using System.Text.Json.Serialization;
using TumorFunctions.Api.Images;

namespace TumorFunctions.Api.Dashboard;

/// <param name="TodayCases">Images uploaded today (UTC).</param>
/// <param name="ModelAccuracy">Measured on the active model's validation patients; null for a model without figures.</param>
/// <param name="SystemStatus">healthy, degraded or unhealthy.</param>
/// <param name="TotalImages">Images there are.</param>
/// <param name="DetectedTumors">Images whose mask in force holds a tumour.</param>
public sealed record StatsAnswer(
    [property: JsonPropertyName("todayCases")] long TodayCases,
    [property: JsonPropertyName("modelAccuracy")] double? ModelAccuracy,
    [property: JsonPropertyName("systemStatus")] string SystemStatus,
    [property: JsonPropertyName("totalImages")] long TotalImages,
    [property: JsonPropertyName("detectedTumors")] long DetectedTumors);

/// <param name="Date">yyyy-MM-dd, UTC.</param>
public sealed record TrendPoint(string Date, double? Value);

public sealed record ShareItem(string Name, long Value);

/// <param name="Status">已验证, 已分析 or 待分析.</param>
public sealed record RecentCase(
    int Id,
    string? PatientId,
    string? PatientName,
    string? ScanDate,
    string? Modality,
    bool TumorDetected,
    double? ConfidenceScore,
    string Status,
    DateTimeOffset UploadedAt)
{
    public static RecentCase Of(ImageRecord image) => new(
        image.ImageId,
        image.Facts.PatientId,
        image.Facts.PatientName,
        image.Facts.ScanDate,
        image.Facts.Modality,
        image.TumorDetected,
        image.Analysis?.ConfidenceScore,
        image switch
        {
            { IsValidated: true } => "已验证",
            { Analysis: not null } or { Annotation: not null } => "已分析",
            _ => "待分析",
        },
        image.UploadedAt);
}

/// <param name="Images">Records that were counted.</param>
public sealed record RebuildAnswer(string Message, long Images);
