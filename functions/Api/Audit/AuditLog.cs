using System.Globalization;
using System.Security.Cryptography;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Audit;

/// <summary>
/// Who changed what, and when: one document an action, in a partition for each day (UTC), written once and never changed. An action is
/// written after the change that it tells of and before the answer is sent, whether or not the caller still waits; where it cannot be
/// written the request fails, so that no change is acknowledged that the log does not hold. Only a process that dies between the two
/// leaves a change without its entry. It holds ids, never passwords, tokens or patients' names.
/// </summary>
public sealed class AuditLog(IDocumentStore documents, TimeProvider time)
{
    private const string Container = "audit";
    private const string Kind = "audit";

    public static DocumentContainer Definition { get; } = new(Container, ["kind", "sequence", "actor_id", "action"]);

    public async Task WriteAsync(AuditEvent entry)
    {
        var now = time.GetUtcNow();

        // Sorts by time, and is unique however many are written in the same tick.
        var sequence = string.Create(CultureInfo.InvariantCulture, $"{now.UtcTicks:D19}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}");
        var record = new AuditRecord(Kind, sequence, now, entry.ActorId, entry.Actor, entry.Action, entry.Target, entry.Changes, entry.CorrelationId);
        await documents.CreateAsync(
            new DocumentAddress(Container, PartitionOf(DateOnly.FromDateTime(now.UtcDateTime)), sequence), record, CancellationToken.None);
    }

    /// <summary>A page of the entries of a range of days, latest first, and how many pass the filters in all.</summary>
    public async Task<(IReadOnlyList<AuditRecord> Entries, long Total)> ListAsync(AuditQuery asked, CancellationToken cancellationToken)
    {
        List<DocumentFilter> filters = [new DocumentFilter.Equal("kind", Kind)];
        if (asked.ActorId is { } actor)
        {
            filters.Add(new DocumentFilter.Equal("actor_id", actor));
        }

        if (asked.Action is { } action)
        {
            filters.Add(new DocumentFilter.Equal("action", action));
        }

        var query = new DocumentQuery { Filters = filters, OrderBy = "sequence", Descending = true };
        List<AuditRecord> entries = [];
        long total = 0;
        for (var day = asked.Last; day >= asked.First; day = day.AddDays(-1))
        {
            var count = await documents.CountAsync(Container, PartitionOf(day), query, cancellationToken);
            var skip = asked.Page.Offset + entries.Count - total;
            if (entries.Count < asked.Page.Size && skip < count)
            {
                var rows = await documents.QueryAsync<AuditRecord>(
                    Container,
                    PartitionOf(day),
                    query with { Offset = (int)Math.Max(skip, 0), Limit = asked.Page.Size - entries.Count },
                    cancellationToken);
                entries.AddRange(rows.Select(row => row.Value));
            }

            total += count;
        }

        return (entries, total);
    }

    private static string PartitionOf(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}

/// <param name="ActorId">0 for the system itself.</param>
/// <param name="Action">What was done, such as <c>user.update</c>; see <see cref="AuditedFunctions"/>.</param>
/// <param name="Target">Ids of what it was done to.</param>
/// <param name="Changes">What of it is told.</param>
public sealed record AuditEvent(
    int ActorId, string Actor, string Action, string? Target, IReadOnlyList<AuditChange> Changes, string CorrelationId);

/// <param name="From">Null where there was nothing.</param>
/// <param name="To">Null where there is nothing any more.</param>
public sealed record AuditChange(string Field, string? From, string? To);

/// <summary>An entry as stored and shown.</summary>
public sealed record AuditRecord(
    string Kind,
    string Sequence,
    DateTimeOffset At,
    int ActorId,
    string Actor,
    string Action,
    string? Target,
    IReadOnlyList<AuditChange> Changes,
    string CorrelationId);

public sealed record AuditQuery(DateOnly First, DateOnly Last, int? ActorId, string? Action, Http.Page Page);
