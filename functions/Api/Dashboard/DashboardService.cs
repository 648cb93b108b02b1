using System.Globalization;
using Microsoft.AspNetCore.Http;
using TumorFunctions.Api.Health;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;
using TumorFunctions.Api.Results;
using TumorFunctions.Api.Users;

namespace TumorFunctions.Api.Dashboard;

/// <summary>Figures for the dashboard, from counters that are kept up to date on write. Days are UTC days.</summary>
public sealed class DashboardService(
    ImageStore images, ImageStatistics statistics, UserStore users, ActiveModel model, SystemHealth health, TimeProvider time)
{
    private const int DefaultDays = 30;
    private const int MaxDays = 366;
    private const int DefaultRecent = 10;
    private const int MaxRecent = 100;
    private const string NoDepartment = "未分配";

    private DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    public async Task<StatsAnswer> StatsAsync(CancellationToken cancellationToken)
    {
        var today = await statistics.DaysAsync(Today, Today, cancellationToken);
        var totals = await statistics.TotalsAsync(cancellationToken);
        var state = await health.CheckAsync(cancellationToken);
        return new StatsAnswer(today[0].Cases, model.Accuracy, state.Status, totals.Images, totals.Tumors);
    }

    /// <summary>Images uploaded on each day of the range, zeros included.</summary>
    public async Task<IReadOnlyList<TrendPoint>> CasesTrendAsync(HttpRequest request)
    {
        var (first, last) = ReadRange(request);
        var days = await statistics.DaysAsync(first, last, request.HttpContext.RequestAborted);
        return [.. days.Select(day => new TrendPoint(Text(day.Day), day.Cases))];
    }

    /// <summary>
    /// Agreement of the model with the clinicians by day of upload: of the day's validated and analysed images, the share on which both
    /// say that there is a tumour or that there is none; see <see cref="ImageTally.Agrees"/>. Null where the day has no such image.
    /// </summary>
    public async Task<IReadOnlyList<TrendPoint>> AccuracyTrendAsync(HttpRequest request)
    {
        var (first, last) = ReadRange(request);
        var days = await statistics.DaysAsync(first, last, request.HttpContext.RequestAborted);
        return [.. days.Select(day => new TrendPoint(
            Text(day.Day), day.Judged == 0 ? null : Math.Round((double)day.Agreed / day.Judged, 4)))];
    }

    /// <summary>Images by the department of who uploaded them, as it is on the account today.</summary>
    public async Task<IReadOnlyList<ShareItem>> DepartmentsAsync(CancellationToken cancellationToken) =>
        Shares((await UploadersAsync(cancellationToken)).Select(item => (item.User?.Department ?? NoDepartment, item.Cases)));

    /// <summary>Images by who uploaded them; those of deleted accounts stay under the name that the account had.</summary>
    public async Task<IReadOnlyList<ShareItem>> DoctorsAsync(CancellationToken cancellationToken) =>
        Shares((await UploadersAsync(cancellationToken)).Select(item => (item.User?.DisplayName ?? $"#{item.UserId}", item.Cases)));

    public async Task<IReadOnlyList<RecentCase>> RecentAsync(HttpRequest request)
    {
        var limit = RequestFields.FromQuery(request, "limit").WholeNumber("limit", 1, MaxRecent) ?? DefaultRecent;
        List<RecentCase> recent = [];
        await foreach (var image in images.AllAsync(request.HttpContext.RequestAborted))
        {
            recent.Add(RecentCase.Of(image));
            if (recent.Count == limit)
            {
                break;
            }
        }

        return recent;
    }

    /// <summary>Counts everything anew from the records, should a counter ever have gone astray.</summary>
    public async Task<RebuildAnswer> RebuildAsync(CancellationToken cancellationToken) =>
        new("统计数据重建完成", await statistics.RecountAsync(cancellationToken));

    private async Task<IReadOnlyList<(int UserId, UserProfile? User, long Cases)>> UploadersAsync(CancellationToken cancellationToken)
    {
        List<(int, UserProfile?, long)> uploaders = [];
        foreach (var (userId, cases) in await statistics.UploadersAsync(cancellationToken))
        {
            if (cases > 0)
            {
                uploaders.Add((userId, await users.FindProfileAsync(userId, cancellationToken), cases));
            }
        }

        return uploaders;
    }

    private static IReadOnlyList<ShareItem> Shares(IEnumerable<(string Name, long Cases)> items) =>
    [
        .. items.GroupBy(item => item.Name, StringComparer.Ordinal)
            .Select(group => new ShareItem(group.Key, group.Sum(item => item.Cases)))
            .OrderByDescending(item => item.Value)
            .ThenBy(item => item.Name, StringComparer.Ordinal),
    ];

    private (DateOnly First, DateOnly Last) ReadRange(HttpRequest request)
    {
        var query = RequestFields.FromQuery(request, "start", "end");
        var last = ReadDay(query, "end");
        var first = ReadDay(query, "start");
        var end = last ?? (first is { } from && from > Today ? from : Today);
        var start = first ?? end.AddDays(-Math.Min(DefaultDays - 1, end.DayNumber));
        if (start > end)
        {
            throw new ValidationException("参数 start 不能晚于 end");
        }

        return end.DayNumber - start.DayNumber < MaxDays
            ? (start, end)
            : throw new ValidationException($"日期范围不能超过 {MaxDays} 天");
    }

    private static DateOnly? ReadDay(RequestFields query, string name) =>
        query.Date(name) is { } text ? DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture) : null;

    private static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
