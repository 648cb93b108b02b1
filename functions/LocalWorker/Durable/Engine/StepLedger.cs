using System.Text.Json;
using DurableTask.Core.Exceptions;
using Microsoft.DurableTask;
using TumorFunctions.LocalWorker.Durable.Store;

namespace TumorFunctions.LocalWorker.Durable.Engine;

/// <summary>Holds the steps that the code takes against those that are recorded, and hands each its result.</summary>
internal sealed class StepLedger(IReadOnlyList<HistoryEvent> recorded)
{
    private readonly List<HistoryEvent> _taken = [];
    private readonly Dictionary<int, TaskCompletionSource<string?>> _open = [];

    /// <summary>The first difference between code and history.</summary>
    public Exception? Divergence { get; private set; }

    public bool IsReplaying { get; set; }

    public bool HasOpenSteps => _open.Count > 0;

    /// <summary>The steps beyond the recorded ones.</summary>
    public IReadOnlyList<HistoryEvent> New => [.. _taken.Skip(recorded.Count)];

    public string LastStep => _taken.Count == 0 ? "the start" : $"step {_taken.Count - 1} ({_taken[^1].Describe()})";

    /// <summary>Takes the next step; its task ends with the JSON of the result. After a divergence it never ends.</summary>
    public Task<string?> Take(HistoryEvent step, CancellationToken cancellationToken = default)
    {
        step = step with { Task = _taken.Count };
        TaskCompletionSource<string?> result = new();
        if (Divergence != null)
        {
            return result.Task;
        }
        if (step.Task < recorded.Count && !IsSame(step, recorded[step.Task]))
        {
            Diverge($"step {step.Task} is {recorded[step.Task].Describe()} in the history, but the code came to {step.Describe()}.");
            return result.Task;
        }
        if (step.Task >= recorded.Count && IsReplaying)
        {
            Diverge($"the code came to {step.Describe()} as step {step.Task}, where the history has only {recorded.Count} steps.");
            return result.Task;
        }
        _taken.Add(step);
        if (step.Kind == HistoryKind.EventSent)
        {
            result.SetResult(null);
            return result.Task;
        }
        _open.Add(step.Task, result);
        if (cancellationToken.CanBeCanceled)
        {
            cancellationToken.Register(() =>
            {
                _open.Remove(step.Task);
                result.TrySetCanceled(cancellationToken);
            });
        }
        return result.Task;
    }

    /// <summary>Hands over a result, unless its step was cancelled.</summary>
    public void Resolve(HistoryEvent news)
    {
        if (news.Task >= _taken.Count || !Answers(news.Kind, _taken[news.Task].Kind))
        {
            Diverge($"the history has the result of {news.Describe()} as step {news.Task}, which the code has not come to.");
            return;
        }
        if (!_open.Remove(news.Task, out var result))
        {
            return;
        }
        if (news.Kind is HistoryKind.ActivityFailed or HistoryKind.SubOrchestrationFailed)
        {
            result.SetException(new TaskFailedException(
                news.Name!, news.Task, JsonSerializer.Deserialize<TaskFailureDetails>(news.Data!)!));
        }
        else
        {
            result.SetResult(news.Data);
        }
    }

    /// <summary>Replay is over: the code must have come to every recorded step.</summary>
    public void CheckReplayed()
    {
        if (_taken.Count < recorded.Count)
        {
            Diverge($"step {_taken.Count} is {recorded[_taken.Count].Describe()} in the history, " +
                "but the code did not come to it.");
        }
    }

    public void Diverge(string difference) => Divergence ??= new NonDeterministicOrchestrationException(difference);

    private static bool IsSame(HistoryEvent step, HistoryEvent line) =>
        step.Kind == line.Kind
        && string.Equals(step.Name, line.Name, StringComparison.OrdinalIgnoreCase)
        && step.Target == line.Target;

    private static bool Answers(HistoryKind answer, HistoryKind step) => answer switch
    {
        HistoryKind.ActivityCompleted or HistoryKind.ActivityFailed => step == HistoryKind.ActivityScheduled,
        HistoryKind.TimerFired => step == HistoryKind.TimerCreated,
        _ => step == HistoryKind.SubOrchestrationCreated,
    };
}
