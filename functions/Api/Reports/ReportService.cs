using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TumorFunctions.Api.Audit;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;

namespace TumorFunctions.Api.Reports;

/// <summary>
/// Saving, reading and deleting reports. A report belongs to who saved it; administrators have them all. It is kept when its image is
/// deleted, for it is a signed document with a picture of its own; whoever wants it gone deletes it.
/// </summary>
public sealed class ReportService(
    ImageService images, ReportStore store, ReportSnapshots snapshots, TimeProvider time, ILogger<ReportService> logger)
{
    private const int MaxNotes = 10_000;
    private const int MaxName = 100;
    private const int DefaultPageSize = 20;

    private static readonly string[] Fields = ["image_id", "notes", "metrics", "doctor_name"];

    public async Task<SaveReportAnswer> SaveAsync(HttpRequest request, Caller caller)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        var fields = await RequestFields.ReadJsonAsync(request, Fields);
        var imageId = fields.WholeNumber("image_id", 1, int.MaxValue) ?? throw new ValidationException("缺少字段 image_id");
        var notes = fields.Text("notes", MaxNotes);
        var metrics = SentMetrics.Read(fields);
        var doctor = fields.Text("doctor_name", MaxName) ?? caller.Username;
        var image = (await images.FindVisibleAsync(imageId, caller, cancellationToken)).Value;
        var (snapshot, slice) = await snapshots.TakeAsync(image, cancellationToken);
        var report = new ReportRecord
        {
            ReportId = await store.NextIdAsync(cancellationToken),
            ImageId = imageId,
            Notes = notes,
            Metrics = metrics,
            DoctorName = doctor,
            CreatedBy = caller.UserId,
            SavedAt = time.GetUtcNow(),
            SliceBlob = $"{Guid.NewGuid():N}.png",
            Snapshot = snapshot,
        };
        await store.AddAsync(report, slice, cancellationToken);
        AuditTrail.Of(request).Note(report.ReportId, ("image_id", null, imageId.ToString(CultureInfo.InvariantCulture)));
        logger.ReportSaved(report.ReportId, imageId, caller.UserId);
        return new SaveReportAnswer("报告保存成功", report.ReportId, report.SavedAt);
    }

    public async Task<ReportListAnswer> ListAsync(HttpRequest request, Caller caller)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        var page = Page.From(request, DefaultPageSize);
        var imageId = RequestFields.FromQuery(request, "image_id").WholeNumber("image_id", 1, int.MaxValue)
            ?? throw new ValidationException("缺少参数 image_id");
        var (reports, total) = await store.ListAsync(imageId, OwnerFilter(caller), page, cancellationToken);
        if (total == 0)
        {
            await images.FindVisibleAsync(imageId, caller, cancellationToken);
        }

        return new ReportListAnswer([.. reports.Select(report => new ReportAnswer(report))], page.Describe(total));
    }

    public async Task<ReportAnswer> GetAsync(int reportId, Caller caller, CancellationToken cancellationToken) =>
        new(await FindOwnAsync(reportId, caller, cancellationToken));

    public async Task<MessageAnswer> DeleteAsync(int reportId, Caller caller, CancellationToken cancellationToken)
    {
        var report = await FindOwnAsync(reportId, caller, cancellationToken);
        if (!await store.DeleteAsync(report, cancellationToken))
        {
            throw Missing();
        }

        logger.ReportDeleted(reportId, caller.UserId);
        return new MessageAnswer("报告删除成功");
    }

    /// <summary>A report of the caller's own, or any for an administrator.</summary>
    /// <exception cref="NotFoundException">There is none.</exception>
    /// <exception cref="ForbiddenException">It is another user's.</exception>
    public async Task<ReportRecord> FindOwnAsync(int reportId, Caller caller, CancellationToken cancellationToken)
    {
        var report = (reportId > 0 ? await store.FindAsync(reportId, cancellationToken) : null) ?? throw Missing();
        return caller.Role == Access.Admin || report.CreatedBy == caller.UserId
            ? report
            : throw new ForbiddenException("只能访问自己的报告");
    }

    /// <summary>The newest report of an image that the caller may read; null where there is none.</summary>
    public async Task<ReportRecord?> FindNewestAsync(int imageId, Caller caller, CancellationToken cancellationToken)
    {
        var (newest, _) = await store.ListAsync(imageId, OwnerFilter(caller), new Page(1, 1), cancellationToken);
        return newest.Count > 0 ? newest[0] : null;
    }

    private static int? OwnerFilter(Caller caller) => caller.Role == Access.Admin ? null : caller.UserId;

    private static NotFoundException Missing() => new("报告不存在");
}

/// <summary>The measurements that a doctor sends along, checked and kept as sent.</summary>
internal static class SentMetrics
{
    private const int MaxLength = 8192;
    private const int MaxText = 500;
    private const double MaxNumber = 1e12;

    // The reference's measurements and the largest value that each can have.
    private static readonly Dictionary<string, double> Known = new()
    {
        ["volume"] = MaxNumber,
        ["maxDiameter"] = MaxNumber,
        ["heterogeneity"] = 1,
        ["texture_complexity"] = 1,
        ["vascularization"] = 1,
    };

    /// <exception cref="ValidationException">A known measurement is no number in its range, or another value is not plain.</exception>
    public static JsonElement? Read(RequestFields fields)
    {
        var metrics = fields.Fields("metrics", MaxLength);
        foreach (var metric in metrics?.EnumerateObject() ?? default)
        {
            if (Known.TryGetValue(metric.Name, out var max))
            {
                if (metric.Value.ValueKind != JsonValueKind.Null && !(NumberOf(metric.Value) >= 0 && NumberOf(metric.Value) <= max))
                {
                    throw new ValidationException(string.Create(
                        System.Globalization.CultureInfo.InvariantCulture, $"字段 metrics.{metric.Name} 必须是 0 到 {max} 之间的数字"));
                }
            }
            else if (!IsPlain(metric.Value))
            {
                throw new ValidationException("字段 metrics 的值必须是数字或短文本", "可用字段: " + string.Join(", ", Known.Keys));
            }
        }

        return metrics;
    }

    /// <summary>A measurement that was sent as a finite number; null where it was not.</summary>
    public static double? Find(JsonElement? metrics, string name) =>
        metrics is { } sent && sent.TryGetProperty(name, out var value) ? NumberOf(value) : null;

    // The answer of the metrics endpoint may come back whole: numbers, units and notes.
    private static bool IsPlain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.Number => NumberOf(value) is not null,
        JsonValueKind.String => IsShortText(value),
        JsonValueKind.Array => value.EnumerateArray().All(IsShortText),
        _ => false,
    };

    private static bool IsShortText(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String && value.GetString()!.Length <= MaxText;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair is no text.
            return false;
        }
    }

    private static double? NumberOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && Math.Abs(number) <= MaxNumber ? number : null;
}
