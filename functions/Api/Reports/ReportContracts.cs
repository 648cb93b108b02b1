using System.Text.Json;
using System.Text.Json.Serialization;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Reports;

/// <summary>
/// The measurements of the mask in force. The last three are defined by <see cref="Core.Reports.TumourIndices"/>, from 0 to 1;
/// vascularization is its enhancement index, not a measurement of perfusion.
/// </summary>
/// <param name="MeasurementsFrom">model or clinician; null where there is no mask.</param>
/// <param name="Notes">Why a value is null or an assumption was made.</param>
public sealed record MetricsAnswer(
    double? Volume,
    string VolumeUnit,
    [property: JsonPropertyName("maxDiameter")] double? MaxDiameter,
    [property: JsonPropertyName("maxDiameter_unit")] string MaxDiameterUnit,
    double? Heterogeneity,
    double? TextureComplexity,
    double? Vascularization,
    string? MeasurementsFrom,
    string? SpacingSource,
    IReadOnlyList<string> Notes);

public sealed record SaveReportAnswer(string Message, int ReportId, DateTimeOffset SavedAt);

public sealed record ReportListAnswer(IReadOnlyList<ReportAnswer> Reports, Pagination Pagination);

/// <param name="Metrics">As the doctor sent them; null where none were sent.</param>
/// <param name="Measured">As measured when the report was saved.</param>
public sealed record ReportAnswer(
    int ReportId,
    int ImageId,
    string? Notes,
    JsonElement? Metrics,
    MetricsAnswer Measured,
    string DoctorName,
    int CreatedBy,
    DateTimeOffset SavedAt)
{
    public ReportAnswer(ReportRecord report)
        : this(
            report.ReportId, report.ImageId, report.Notes, report.Metrics, report.Snapshot.Measured, report.DoctorName, report.CreatedBy,
            report.SavedAt)
    {
    }
}
