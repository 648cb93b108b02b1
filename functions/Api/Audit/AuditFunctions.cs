using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Audit;

public sealed class AuditFunctions(AuditLog log, TimeProvider time)
{
    private const int DefaultPageSize = 50;
    private const int DefaultDays = 7;
    private const int MaxDays = 92;

    [Function("ListAudit")]
    public async Task<IActionResult> List(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/admin/audit")] HttpRequest request)
    {
        var page = Page.From(request, DefaultPageSize);
        var query = RequestFields.FromQuery(request, "start", "end", "user_id", "action");
        var last = ReadDay(query, "end") ?? DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var first = ReadDay(query, "start") ?? last.AddDays(-Math.Min(DefaultDays - 1, last.DayNumber));
        if (first > last || last.DayNumber - first.DayNumber >= MaxDays)
        {
            throw new ValidationException($"日期范围无效：start 不能晚于 end，且不超过 {MaxDays} 天");
        }

        var asked = new AuditQuery(first, last, query.WholeNumber("user_id", 0, int.MaxValue), query.Text("action"), page);
        var (entries, total) = await log.ListAsync(asked, request.HttpContext.RequestAborted);
        return new JsonAnswer(new AuditListAnswer([.. entries.Select(AuditEntryAnswer.Of)], page.Describe(total)));
    }

    private static DateOnly? ReadDay(RequestFields query, string name) =>
        query.Date(name) is { } text ? DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture) : null;
}

public sealed record AuditListAnswer(IReadOnlyList<AuditEntryAnswer> Entries, Pagination Pagination);

/// <param name="At">UTC.</param>
/// <param name="CorrelationId">Of the request, as in the log.</param>
public sealed record AuditEntryAnswer(
    DateTimeOffset At, int UserId, string Username, string Action, string? Target, IReadOnlyList<AuditChange> Changes, string CorrelationId)
{
    public static AuditEntryAnswer Of(AuditRecord record) => new(
        record.At, record.ActorId, record.Actor, record.Action, record.Target, record.Changes, record.CorrelationId);
}
