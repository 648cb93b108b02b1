using TumorFunctions.LocalWorker.Durable.Store;

namespace TumorFunctions.LocalWorker.Durable.Engine;

/// <summary>External events and who waits for them. As on Azure the latest waiter comes first; events that nobody waits for are kept.</summary>
internal sealed class EventMailbox
{
    private readonly Dictionary<string, Stack<TaskCompletionSource<string?>>> _waiters = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<HistoryEvent> _kept = [];

    public bool HasWaiters => _waiters.Values.Any(stack => stack.Any(waiter => !waiter.Task.IsCompleted));

    public IReadOnlyList<HistoryEvent> Kept => _kept;

    public Task<string?> Wait(string name, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<string?>(cancellationToken);
        }
        var kept = _kept.FindIndex(e => string.Equals(e.Name, name, StringComparison.OrdinalIgnoreCase));
        if (kept >= 0)
        {
            var data = _kept[kept].Data;
            _kept.RemoveAt(kept);
            return Task.FromResult(data);
        }
        TaskCompletionSource<string?> waiter = new();
        if (!_waiters.TryGetValue(name, out var stack))
        {
            _waiters.Add(name, stack = new());
        }
        stack.Push(waiter);
        cancellationToken.Register(() => waiter.TrySetCanceled(cancellationToken));
        return waiter.Task;
    }

    public void Raise(HistoryEvent raised)
    {
        if (_waiters.TryGetValue(raised.Name!, out var stack))
        {
            while (stack.TryPop(out var waiter))
            {
                if (waiter.TrySetResult(raised.Data))
                {
                    return;
                }
            }
        }
        Keep(raised);
    }

    public void Keep(HistoryEvent raised) => _kept.Add(raised);
}
