using System.Collections.Concurrent;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using TumorFunctions.LocalWorker.Durable.Store;
using TumorFunctions.LocalWorker.Settings;

namespace TumorFunctions.LocalWorker.Durable.Engine;

/// <summary>Keeps all orchestrations going: each runs again over its history when there is news for it.</summary>
internal sealed class DurableHub(HubStore store, DurableFunctions functions, OrchestratorRunner orchestrators, ActivityRunner activities,
    TimeProvider time, IConfiguration configuration, ILogger<DurableHub> logger) : IDisposable
{
    private const int MaxOrchestrators = 4;
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);

    private readonly InstanceQueue _ready = new();
    private readonly DueQueue _due = new(time);
    private readonly ConcurrentDictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;

    public InstanceWatch Watch { get; } = new();

    /// <summary>Takes up what the last process left.</summary>
    public void Start()
    {
        var live = store.FindLive();
        foreach (var row in live)
        {
            foreach (var step in store.OpenSteps(row.Id))
            {
                Begin(row, step);
            }
            _ready.Wake(row.Id);
        }
        if (live.Count > 0)
        {
            Logs.OrchestrationsContinue(logger, live.Count);
        }
        var parallel = HostJson.ReadConcurrency(
            configuration, "durableTask:maxConcurrentActivityFunctions", Math.Max(4, Environment.ProcessorCount));
        _running = Task.WhenAll(
        [
            Task.Run(() => _due.RunAsync(_stopping.Token)),
            .. Enumerable.Range(0, MaxOrchestrators).Select(_ => Task.Run(() => _ready.RunAsync(AdvanceAsync, _stopping.Token))),
            .. Enumerable.Range(0, parallel).Select(_ => Task.Run(() => activities.RunAsync(Wake, _stopping.Token))),
        ]);
    }

    /// <summary>Waits for the activities that run, which are asked to stop.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        try
        {
            await _running.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>There is news for the instance.</summary>
    public void Wake(string id)
    {
        _ready.Wake(id);
        Watch.Tell(id);
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _due.Dispose();
    }

    private async Task AdvanceAsync(string id)
    {
        try
        {
            await RunTurnAsync(id);
        }
        catch (Exception exception)
        {
            Logs.TurnFailed(logger, id, exception);
            _sessions.TryRemove(id, out _);
            _due.Add((time.GetUtcNow() + RetryPause).UtcTicks, () => _ready.Wake(id));
        }
    }

    private async Task RunTurnAsync(string id)
    {
        var now = time.GetUtcNow().UtcTicks;
        if (store.Find(id) is not { IsLive: true } row)
        {
            _sessions.TryRemove(id, out _);
            Watch.Tell(id);
            return;
        }
        if (row.Status == OrchestrationRuntimeStatus.Suspended)
        {
            return;
        }
        if (row.StartAt > now)
        {
            _due.Add(row.StartAt, () => _ready.Wake(id));
            return;
        }
        if (functions.FindOrchestrator(row.Name) is not { } function)
        {
            Logs.OrchestratorMissing(logger, id, row.Name);
            return;
        }
        var session = _sessions.AddOrUpdate(
            id, _ => new Session(row.Execution), (_, old) => old.Execution == row.Execution ? old : new Session(row.Execution));
        session.Lines.AddRange(store.History(id, session.Through));
        if (!session.Lines.Exists(line => !line.IsStep && line.Seq > row.Processed))
        {
            return;
        }
        var through = session.Through;
        var at = session.Lines.Max(line => Math.Max(
            line.Seq <= row.Processed ? line.At : now, line.Kind == HistoryKind.TimerFired ? line.Due : 0));
        var turn = await orchestrators.RunAsync(function, row, session.Lines, at, failure => Fail(row, through, at, failure));
        Settle(row, session, at, turn);
    }

    /// <summary>Records the turn, then lets it take effect.</summary>
    private void Settle(InstanceRow row, Session session, long at, TurnResult turn)
    {
        if (store.Commit(row, session.Through, at, turn) is not { } touched)
        {
            _sessions.TryRemove(row.Id, out _);
            _ready.Wake(row.Id);
            return;
        }
        if (turn.End is null)
        {
            session.Stamp(row.Processed, at);
            foreach (var step in turn.Steps)
            {
                Begin(row, step);
            }
        }
        else
        {
            _sessions.TryRemove(row.Id, out _);
        }
        if (turn.End is TurnEnd.Finished { Failure: { } failure })
        {
            Logs.OrchestrationFailed(logger, row.Name, row.Id, failure.ToString(), failure.StackTrace);
        }
        foreach (var other in touched)
        {
            _ready.Wake(other);
        }
        Watch.Tell(row.Id);
    }

    private void Begin(InstanceRow row, HistoryEvent step)
    {
        if (step.Kind == HistoryKind.ActivityScheduled)
        {
            activities.Enqueue(new ActivityCall(row.Id, row.Execution, step));
        }
        else if (step.Kind == HistoryKind.TimerCreated)
        {
            _due.Add(step.Due, () => Fire(row, step));
        }
    }

    private void Fire(InstanceRow row, HistoryEvent timer)
    {
        try
        {
            if (store.TryAppend(row.Id, row.Execution, new HistoryEvent(HistoryKind.TimerFired, timer.Task, Due: timer.Due)))
            {
                _ready.Wake(row.Id);
            }
        }
        catch (Microsoft.Data.Sqlite.SqliteException exception)
        {
            Logs.RecordingFailed(logger, exception);
            _due.Add((time.GetUtcNow() + RetryPause).UtcTicks, () => Fire(row, timer));
        }
    }

    /// <summary>The code went on by itself after its turn: nothing that it does can be recorded any more.</summary>
    private void Fail(InstanceRow row, long through, long at, TaskFailureDetails failure)
    {
        try
        {
            TurnResult turn = new() { End = new TurnEnd.Finished(OrchestrationRuntimeStatus.Failed, null, failure) };
            foreach (var other in store.Commit(row, through, at, turn) ?? [])
            {
                _ready.Wake(other);
            }
            Logs.OrchestrationFailed(logger, row.Name, row.Id, failure.ToString(), failure.StackTrace);
            Wake(row.Id);
        }
        catch (Exception exception)
        {
            Logs.TurnFailed(logger, row.Id, exception);
        }
    }

    /// <summary>The history of an execution as read so far.</summary>
    private sealed class Session(string execution)
    {
        public string Execution => execution;

        public List<HistoryEvent> Lines { get; } = [];

        public long Through => Lines.Count == 0 ? 0 : Lines[^1].Seq;

        /// <summary>Gives what the turn saw first its time, as recorded.</summary>
        public void Stamp(long processed, long at)
        {
            for (var i = Lines.Count - 1; i >= 0 && Lines[i].Seq > processed; i--)
            {
                Lines[i] = Lines[i] with { At = at };
            }
        }
    }
}
