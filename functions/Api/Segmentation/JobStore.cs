using System.Globalization;
using TumorFunctions.Api.Http;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Segmentation;

/// <summary>Documents of jobs: all jobs in one partition, the images of each job in one of its own.</summary>
public sealed class JobStore(IDocumentStore documents)
{
    public const string Container = "jobs";

    private const string Jobs = "segmentation";
    private const int PageSize = 200;

    public static DocumentContainer Definition { get; } =
        new(Container, ["kind", "created_ms", "status", "started_by", "has_history", "index"]);

    public async Task<JobRecord?> FindAsync(string jobId, CancellationToken cancellationToken) =>
        IsJobId(jobId) ? (await documents.ReadAsync<JobRecord>(AddressOf(jobId), cancellationToken))?.Value : null;

    /// <summary>False when there is a job of this id.</summary>
    public async Task<bool> TryAddAsync(JobRecord job, CancellationToken cancellationToken)
    {
        try
        {
            await documents.CreateAsync(AddressOf(job.JobId), job, cancellationToken);
            return true;
        }
        catch (DocumentConflictException)
        {
            return false;
        }
    }

    /// <summary>Changes a job that has not ended; an ended one stays as it is. The job as it is now, or null where there is none.</summary>
    public async Task<JobRecord?> ChangeAsync(string jobId, Func<JobRecord, JobRecord> change, CancellationToken cancellationToken) =>
        (await documents.ChangeAsync<JobRecord>(
            AddressOf(jobId), job => job.IsFinal ? job : change(job), cancellationToken))?.Value;

    public Task ForgetHistoryAsync(string jobId, CancellationToken cancellationToken) =>
        documents.ChangeAsync<JobRecord>(AddressOf(jobId), job => job with { HasHistory = false }, cancellationToken);

    /// <summary>A page of jobs, newest first, and how many there are in all.</summary>
    public async Task<(IReadOnlyList<JobRecord> Jobs, long Total)> ListAsync(
        string? status, int? startedBy, Page page, CancellationToken cancellationToken)
    {
        List<DocumentFilter> filters = [new DocumentFilter.Equal("kind", JobRecord.DocumentKind)];
        if (status is not null)
        {
            filters.Add(new DocumentFilter.Equal("status", status));
        }

        if (startedBy is { } user)
        {
            filters.Add(new DocumentFilter.Equal("started_by", (long)user));
        }

        var query = new DocumentQuery
        {
            Filters = filters,
            OrderBy = "created_ms",
            Descending = true,
            Offset = page.Offset,
            Limit = page.Size,
        };
        var total = await documents.CountAsync(Container, Jobs, query, cancellationToken);
        var rows = await documents.QueryAsync<JobRecord>(Container, Jobs, query, cancellationToken);
        return ([.. rows.Select(row => row.Value)], total);
    }

    /// <summary>Number of jobs that failed, of those created since a time.</summary>
    public Task<long> CountFailedAsync(DateTimeOffset since, CancellationToken cancellationToken) => documents.CountAsync(
        Container,
        Jobs,
        new DocumentQuery
        {
            Filters =
            [
                new DocumentFilter.Equal("kind", JobRecord.DocumentKind),
                new DocumentFilter.Equal("status", JobState.Failed),
                new DocumentFilter.AtLeast("created_ms", since.ToUnixTimeMilliseconds()),
            ],
        },
        cancellationToken);

    /// <summary>Jobs in a state that were created before a time, oldest first, as many as one round of upkeep takes.</summary>
    public async Task<IReadOnlyList<JobRecord>> FindOldAsync(
        string status, bool hasHistory, DateTimeOffset before, CancellationToken cancellationToken)
    {
        var query = new DocumentQuery
        {
            Filters =
            [
                new DocumentFilter.Equal("kind", JobRecord.DocumentKind),
                new DocumentFilter.Equal("status", status),
                new DocumentFilter.Equal("has_history", hasHistory),
                new DocumentFilter.LessThan("created_ms", before.ToUnixTimeMilliseconds()),
            ],
            OrderBy = "created_ms",
            Limit = PageSize,
        };
        return [.. (await documents.QueryAsync<JobRecord>(Container, Jobs, query, cancellationToken)).Select(row => row.Value)];
    }

    public async Task<JobItemRecord?> FindItemAsync(string jobId, int index, CancellationToken cancellationToken) =>
        (await documents.ReadAsync<JobItemRecord>(AddressOf(jobId, index), cancellationToken))?.Value;

    /// <summary>Keeps how an image ended; what was kept before stays.</summary>
    public async Task KeepItemAsync(string jobId, JobItemRecord item, CancellationToken cancellationToken)
    {
        try
        {
            await documents.CreateAsync(AddressOf(jobId, item.Index), item, cancellationToken);
        }
        catch (DocumentConflictException)
        {
        }
    }

    /// <summary>The images of a job that have ended, in the order of the job.</summary>
    public async Task<IReadOnlyList<JobItemRecord>> ListItemsAsync(string jobId, CancellationToken cancellationToken)
    {
        List<JobItemRecord> items = [];
        while (true)
        {
            var query = new DocumentQuery
            {
                Filters = [new DocumentFilter.Equal("kind", JobItemRecord.DocumentKind)],
                OrderBy = "index",
                Offset = items.Count,
                Limit = PageSize,
            };
            var rows = await documents.QueryAsync<JobItemRecord>(Container, jobId, query, cancellationToken);
            items.AddRange(rows.Select(row => row.Value));
            if (rows.Count < PageSize)
            {
                return items;
            }
        }
    }

    private static bool IsJobId(string text) =>
        text.Length is > 0 and <= 64 && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private static DocumentAddress AddressOf(string jobId) => new(Container, Jobs, jobId);

    private static DocumentAddress AddressOf(string jobId, int index) =>
        new(Container, jobId, index.ToString(CultureInfo.InvariantCulture));
}
