using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace TumorFunctions.LocalWorker.Durable.Store;

/// <summary>The records of all orchestrations. Each method is one transaction.</summary>
internal sealed class HubStore(WorkerDatabase database, TimeProvider time)
{
    private const string EventColumns = "kind, task, name, target, data, due, at, seq";

    private long Now => time.GetUtcNow().UtcTicks;

    /// <summary>False where an orchestration of that id has not ended.</summary>
    public bool TryCreate(string id, string name, string? input, long startAt) =>
        database.Transact(sql => TryCreate(sql, id, name, input, startAt, parent: null));

    public InstanceRow? Find(string id) => database.Read(sql => Find(sql, id));

    /// <summary>Those that have not ended.</summary>
    public IReadOnlyList<InstanceRow> FindLive() => database.Read(sql =>
        sql.Query($"SELECT {InstanceRow.Columns} FROM instances WHERE {InstanceRow.Live} ORDER BY created", InstanceRow.Read));

    public IReadOnlyList<HistoryEvent> History(string id, long after) => database.Read(sql =>
        sql.Query($"SELECT {EventColumns} FROM history WHERE instance=@p0 AND seq>@p1 ORDER BY seq", ReadEvent, id, after));

    /// <summary>The activities and timers that an orchestration has called and that are not done.</summary>
    public IReadOnlyList<HistoryEvent> OpenSteps(string id) => database.Read(sql => sql.Query(
        $"""
        SELECT {EventColumns} FROM history AS step WHERE instance=@p0 AND kind IN (1, 4) AND NOT EXISTS(
            SELECT 1 FROM history WHERE instance=@p0 AND task=step.task AND kind IN (2, 3, 5)) ORDER BY seq
        """,
        ReadEvent, id));

    /// <summary>Records news for an execution; false where it has ended, or where the step was answered before.</summary>
    public bool TryAppend(string id, string execution, HistoryEvent news) => database.Transact(sql =>
    {
        if (sql.Scalar($"SELECT 1 FROM instances WHERE id=@p0 AND execution=@p1 AND {InstanceRow.Live}", id, execution) is null
            || sql.Scalar("SELECT 1 FROM history WHERE instance=@p0 AND task=@p1 AND kind IN (2, 3, 5)", id, news.Task) is not null)
        {
            return false;
        }
        Append(sql, id, news);
        return true;
    });

    public bool IsLive(string id, string execution) => database.Read(sql =>
        sql.Scalar($"SELECT 1 FROM instances WHERE id=@p0 AND execution=@p1 AND {InstanceRow.Live}", id, execution) is not null);

    /// <summary>False where the orchestration has ended.</summary>
    public bool TryRaise(string id, string name, string? payload) => database.Transact(sql => TryRaise(sql, id, name, payload));

    public bool TrySetSuspended(string id, bool suspended) => database.Transact(sql => suspended
        ? sql.Execute("UPDATE instances SET status=7, updated=@p1 WHERE id=@p0 AND status IN (0, 6)", id, Now) > 0
        : sql.Execute("UPDATE instances SET status=CASE processed WHEN 0 THEN 6 ELSE 0 END, updated=@p1 WHERE id=@p0 AND status=7",
            id, Now) > 0);

    /// <summary>The instances that it ended or that have news by it; empty where the orchestration had ended.</summary>
    public IReadOnlyList<string> Terminate(string id, string? output, bool recursive) => database.Transact(sql =>
    {
        List<string> touched = [];
        Queue<string> pending = new([id]);
        while (pending.TryDequeue(out var next))
        {
            if (Find(sql, next) is not { IsLive: true } row)
            {
                continue;
            }
            touched.Add(next);
            if (recursive)
            {
                foreach (var child in sql.Query("SELECT id FROM instances WHERE parent=@p0 AND parent_execution=@p1",
                    r => r.GetString(0), next, row.Execution))
                {
                    pending.Enqueue(child);
                }
            }
            if (End(sql, row, new TurnEnd.Finished(OrchestrationRuntimeStatus.Terminated, output, null)) is { } parent)
            {
                touched.Add(parent);
            }
        }
        return touched;
    });

    /// <summary>Records a turn; null where the execution ended meanwhile, else the other instances that have news by it.</summary>
    /// <param name="through">The code has seen history up to this seq.</param>
    /// <param name="at">The turn's time, which becomes that of the news that it saw first.</param>
    public IReadOnlyList<string>? Commit(InstanceRow row, long through, long at, TurnResult turn) =>
        database.Transact<IReadOnlyList<string>?>(sql =>
        {
            if (sql.Execute(
                "UPDATE instances SET processed=@p2, updated=@p3, status=CASE status WHEN 7 THEN 7 ELSE 0 END " +
                $"WHERE id=@p0 AND execution=@p1 AND {InstanceRow.Live}", row.Id, row.Execution, through, Now) == 0)
            {
                return null;
            }
            sql.Execute("UPDATE history SET at=@p3 WHERE instance=@p0 AND seq>@p1 AND seq<=@p2", row.Id, row.Processed, through, at);
            if (turn.CustomStatus is { } status)
            {
                sql.Execute("UPDATE instances SET custom_status=@p1 WHERE id=@p0", row.Id, status.Json);
            }
            List<string> touched = [];
            foreach (var step in turn.Steps)
            {
                Append(sql, row.Id, step with { At = at });
                if (TakeEffect(sql, row, step) is { } other)
                {
                    touched.Add(other);
                }
            }
            if (turn.End is TurnEnd.Finished finished && End(sql, row, finished) is { } parent)
            {
                touched.Add(parent);
            }
            if (turn.End is TurnEnd.Anew anew)
            {
                StartAnew(sql, row, anew, through);
                touched.Add(row.Id);
            }
            return touched;
        });

    public IReadOnlyList<InstanceRow> List(OrchestrationQuery query, string? after, int count) => database.Read(sql => sql.Query(
        $"""
        SELECT {InstanceRow.Columns} FROM instances WHERE id>@p0 AND substr(id, 1, length(@p1))=@p1 AND created>=@p2 AND created<=@p3
            AND (@p4 IS NULL OR status IN (SELECT value FROM json_each(@p4))) ORDER BY id LIMIT @p5
        """,
        InstanceRow.Read, after ?? "", query.InstanceIdPrefix ?? "", query.CreatedFrom?.UtcTicks ?? 0,
        query.CreatedTo?.UtcTicks ?? long.MaxValue, Numbers(query.Statuses), count));

    /// <summary>How many were forgotten. Only what has ended is.</summary>
    public int Purge(string id, bool recursive) => database.Transact(sql => Purge(sql, id, recursive));

    public int Purge(PurgeInstancesFilter filter, bool recursive) => database.Transact(sql => sql.Query(
        $"""
        SELECT id FROM instances WHERE NOT {InstanceRow.Live} AND created>=@p0 AND created<=@p1
            AND (@p2 IS NULL OR status IN (SELECT value FROM json_each(@p2)))
        """,
        row => row.GetString(0), filter.CreatedFrom?.UtcTicks ?? 0, filter.CreatedTo?.UtcTicks ?? long.MaxValue,
        Numbers(filter.Statuses)).Sum(id => Purge(sql, id, recursive)));

    private static InstanceRow? Find(SqlSession sql, string id) =>
        sql.Query($"SELECT {InstanceRow.Columns} FROM instances WHERE id=@p0", InstanceRow.Read, id).FirstOrDefault();

    private bool TryCreate(SqlSession sql, string id, string name, string? input, long startAt, ParentLink? parent)
    {
        if (Find(sql, id) is { IsLive: true })
        {
            return false;
        }
        Forget(sql, id);
        sql.Execute(
            "INSERT INTO instances(id, execution, name, status, created, updated, start_at, input, " +
            "parent, parent_execution, parent_name, parent_task) VALUES(@p0, @p1, @p2, 6, @p3, @p3, @p4, @p5, @p6, @p7, @p8, @p9)",
            id, NewExecution(), name, Now, startAt, input, parent?.Id, parent?.Execution, parent?.Name, parent?.Task);
        Append(sql, id, new HistoryEvent(HistoryKind.Started, -1, name, Data: input));
        return true;
    }

    /// <summary>What a step does to another instance, which it names.</summary>
    private string? TakeEffect(SqlSession sql, InstanceRow row, HistoryEvent step)
    {
        switch (step.Kind)
        {
            case HistoryKind.SubOrchestrationCreated:
                if (TryCreate(sql, step.Target!, step.Name!, step.Data, 0, new ParentLink(row.Id, row.Execution, row.Name, step.Task)))
                {
                    return step.Target;
                }
                Append(sql, row.Id, new HistoryEvent(HistoryKind.SubOrchestrationFailed, step.Task, step.Name, step.Target, Failure(
                    new InvalidOperationException($"An orchestration instance with the ID {step.Target} already exists."))));
                return row.Id;
            case HistoryKind.EventSent:
                return TryRaise(sql, step.Target!, step.Name!, step.Data) ? step.Target : null;
            default:
                return null;
        }
    }

    private bool TryRaise(SqlSession sql, string id, string name, string? payload)
    {
        if (Find(sql, id) is not { IsLive: true })
        {
            return false;
        }
        Append(sql, id, new HistoryEvent(HistoryKind.EventRaised, -1, name, Data: payload));
        return true;
    }

    /// <summary>Ends an execution; names the parent, where one waits.</summary>
    private string? End(SqlSession sql, InstanceRow row, TurnEnd.Finished end)
    {
        var failure = end.Failure is null ? null : JsonSerializer.Serialize(end.Failure);
        sql.Execute("UPDATE instances SET status=@p1, output=@p2, failure=@p3, updated=@p4 WHERE id=@p0",
            row.Id, (int)end.Status, end.Output, failure, Now);
        if (row.Parent is not { } parent
            || sql.Scalar($"SELECT 1 FROM instances WHERE id=@p0 AND execution=@p1 AND {InstanceRow.Live}",
                parent.Id, parent.Execution) is null)
        {
            return null;
        }
        Append(sql, parent.Id, end.Status == OrchestrationRuntimeStatus.Completed
            ? new HistoryEvent(HistoryKind.SubOrchestrationCompleted, parent.Task, row.Name, row.Id, end.Output)
            : new HistoryEvent(HistoryKind.SubOrchestrationFailed, parent.Task, row.Name, row.Id, failure
                ?? Failure(new OperationCanceledException($"The sub-orchestration was terminated. {end.Output}".TrimEnd()))));
        return parent.Id;
    }

    private void StartAnew(SqlSession sql, InstanceRow row, TurnEnd.Anew anew, long through)
    {
        var late = sql.Query($"SELECT {EventColumns} FROM history WHERE instance=@p0 AND seq>@p1 AND kind=9 ORDER BY seq",
            ReadEvent, row.Id, through);
        sql.Execute("DELETE FROM history WHERE instance=@p0", row.Id);
        sql.Execute("UPDATE instances SET execution=@p1, processed=0, input=@p2 WHERE id=@p0", row.Id, NewExecution(), anew.Input);
        HistoryEvent started = new(HistoryKind.Started, -1, row.Name, Data: anew.Input);
        foreach (var news in (IEnumerable<HistoryEvent>)[started, .. anew.Unprocessed, .. late])
        {
            Append(sql, row.Id, news);
        }
    }

    private static int Purge(SqlSession sql, string id, bool recursive)
    {
        if (Find(sql, id) is not { IsLive: false })
        {
            return 0;
        }
        var children = recursive ? sql.Query("SELECT id FROM instances WHERE parent=@p0", row => row.GetString(0), id) : [];
        Forget(sql, id);
        return 1 + children.Sum(child => Purge(sql, child, recursive));
    }

    private static void Forget(SqlSession sql, string id)
    {
        sql.Execute("DELETE FROM history WHERE instance=@p0", id);
        sql.Execute("DELETE FROM instances WHERE id=@p0", id);
    }

    private void Append(SqlSession sql, string id, HistoryEvent line) => sql.Execute(
        "INSERT INTO history(instance, at, kind, task, name, target, data, due) VALUES(@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7)",
        id, line.At == 0 ? Now : line.At, (int)line.Kind, line.Task, line.Name, line.Target, line.Data, line.Due);

    private static HistoryEvent ReadEvent(SqliteDataReader row) => new(
        (HistoryKind)row.GetInt32(0), row.GetInt32(1), Text(row, 2), Text(row, 3), Text(row, 4),
        row.GetInt64(5), row.GetInt64(6), row.GetInt64(7));

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static string Failure(Exception exception) => JsonSerializer.Serialize(TaskFailureDetails.FromException(exception));

    private static string NewExecution() => Guid.NewGuid().ToString("N");

    private static string? Numbers(IEnumerable<OrchestrationRuntimeStatus>? statuses) =>
        statuses is null ? null : JsonSerializer.Serialize(statuses.Select(status => (int)status));
}
