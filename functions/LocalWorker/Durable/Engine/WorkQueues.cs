using System.Collections.Concurrent;
using System.Threading.Channels;

namespace TumorFunctions.LocalWorker.Durable.Engine;

/// <summary>Names of instances that have news. A name is worked on by one at a time, and again when news came meanwhile.</summary>
internal sealed class InstanceQueue
{
    private readonly Channel<string> _ready = Channel.CreateUnbounded<string>();
    private readonly Dictionary<string, bool> _again = new(StringComparer.Ordinal);

    public void Wake(string id)
    {
        lock (_again)
        {
            if (_again.ContainsKey(id))
            {
                _again[id] = true;
                return;
            }
            _again.Add(id, false);
        }
        _ready.Writer.TryWrite(id);
    }

    public async Task RunAsync(Func<string, Task> work, CancellationToken cancellationToken)
    {
        await foreach (var id in _ready.Reader.ReadAllAsync(cancellationToken))
        {
            lock (_again)
            {
                _again[id] = false;
            }
            await work(id);
            lock (_again)
            {
                if (!_again[id])
                {
                    _again.Remove(id);
                    continue;
                }
            }
            _ready.Writer.TryWrite(id);
        }
    }
}

/// <summary>What is to be done at a time.</summary>
internal sealed class DueQueue(TimeProvider time) : IDisposable
{
    // The system's clock may be set meanwhile.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);

    private readonly PriorityQueue<Action, long> _queue = new();
    private readonly SemaphoreSlim _changed = new(0);

    /// <param name="due">UTC ticks.</param>
    public void Add(long due, Action action)
    {
        lock (_queue)
        {
            _queue.Enqueue(action, due);
        }
        _changed.Release();
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var sleep = LongestSleep;
            while (TryTake(ref sleep) is { } action)
            {
                action();
            }
            await _changed.WaitAsync(sleep, cancellationToken);
        }
    }

    public void Dispose() => _changed.Dispose();

    private Action? TryTake(ref TimeSpan sleep)
    {
        lock (_queue)
        {
            if (!_queue.TryPeek(out var action, out var due))
            {
                return null;
            }
            var left = TimeSpan.FromTicks(Math.Max(0, due - time.GetUtcNow().UtcTicks));
            if (left > TimeSpan.Zero)
            {
                // A millisecond more: sleeps are cut to whole ones.
                sleep = left < LongestSleep ? left + TimeSpan.FromMilliseconds(1) : LongestSleep;
                return null;
            }
            _queue.Dequeue();
            return action;
        }
    }
}

/// <summary>Tells those who wait that something about an instance has changed.</summary>
internal sealed class InstanceWatch
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _waits = new(StringComparer.Ordinal);

    public Task NextChange(string id) =>
        _waits.GetOrAdd(id, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Tell(string id)
    {
        if (_waits.TryRemove(id, out var wait))
        {
            wait.SetResult();
        }
    }
}
