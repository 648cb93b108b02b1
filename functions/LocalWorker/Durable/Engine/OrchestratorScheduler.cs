namespace TumorFunctions.LocalWorker.Durable.Engine;

/// <summary>
/// Runs an orchestrator's code on the thread that made it, one piece at a time, for one turn. A continuation that any other thread
/// brings, or that comes after the turn, shows that the code awaited something that is not the context's.
/// </summary>
internal sealed class OrchestratorScheduler(Action onLateIntrusion) : TaskScheduler
{
    private readonly Queue<Task> _queue = new();
    private readonly Lock _gate = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private bool _closed;
    private bool _intruded;

    public bool IsOwnThread => Environment.CurrentManagedThreadId == _thread && !_closed;

    /// <summary>Runs the orchestrator to its first wait.</summary>
    /// <returns>The orchestrator's own task.</returns>
    public Task<T> Start<T>(Func<Task<T>> orchestrator)
    {
        var started = Task.Factory.StartNew(orchestrator, CancellationToken.None, TaskCreationOptions.None, this);
        Drain();
        var running = started.GetAwaiter().GetResult();
        running.ContinueWith(
            static (_, state) =>
            {
                var scheduler = (OrchestratorScheduler)state!;
                if (!scheduler.IsOwnThread)
                {
                    scheduler.Intrude();
                }
            },
            this, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, Default);
        return running;
    }

    public void Drain()
    {
        while (_queue.TryDequeue(out var task))
        {
            TryExecuteTask(task);
        }
    }

    /// <summary>Marks that code of the orchestrator runs where it must not.</summary>
    public void Intrude()
    {
        lock (_gate)
        {
            if (_intruded)
            {
                return;
            }
            _intruded = true;
            if (!_closed)
            {
                return;
            }
        }
        onLateIntrusion();
    }

    /// <summary>Ends the turn.</summary>
    /// <returns>Whether something intruded before.</returns>
    public bool Close()
    {
        lock (_gate)
        {
            _closed = true;
            return _intruded;
        }
    }

    protected override void QueueTask(Task task)
    {
        if (IsOwnThread)
        {
            _queue.Enqueue(task);
        }
        else
        {
            Intrude();
        }
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        IsOwnThread && !taskWasPreviouslyQueued && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks() => _queue;
}
