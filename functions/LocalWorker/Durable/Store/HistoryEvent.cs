namespace TumorFunctions.LocalWorker.Durable.Store;

/// <summary>What a line of history says. The numbers are in the database.</summary>
internal enum HistoryKind
{
    Started = 0,
    ActivityScheduled = 1,
    ActivityCompleted = 2,
    ActivityFailed = 3,
    TimerCreated = 4,
    TimerFired = 5,
    SubOrchestrationCreated = 6,
    SubOrchestrationCompleted = 7,
    SubOrchestrationFailed = 8,
    EventRaised = 9,
    EventSent = 10,
}

/// <summary>
/// A line of history: a step that the orchestrator took, or something that happened to it.
/// </summary>
/// <param name="At">When it reached the orchestrator: UTC ticks.</param>
/// <param name="Task">The number of the step, counting from 0, or -1.</param>
/// <param name="Name">Of the activity, the orchestrator or the event.</param>
/// <param name="Target">The other instance: the sub-orchestration, or who an event is sent to.</param>
/// <param name="Data">JSON: an input, a result, a payload, or the details of a failure.</param>
/// <param name="Due">When a timer fires: UTC ticks.</param>
internal sealed record HistoryEvent(
    HistoryKind Kind, int Task, string? Name = null, string? Target = null, string? Data = null, long Due = 0, long At = 0, long Seq = 0)
{
    /// <summary>Whether this is a step of the code rather than news for it.</summary>
    public bool IsStep => Kind
        is HistoryKind.ActivityScheduled or HistoryKind.TimerCreated or HistoryKind.SubOrchestrationCreated or HistoryKind.EventSent;

    public string Describe() => Kind switch
    {
        HistoryKind.ActivityScheduled or HistoryKind.ActivityCompleted or HistoryKind.ActivityFailed => $"activity '{Name}'",
        HistoryKind.TimerCreated or HistoryKind.TimerFired => "a timer",
        HistoryKind.SubOrchestrationCreated or HistoryKind.SubOrchestrationCompleted or HistoryKind.SubOrchestrationFailed =>
            $"sub-orchestration '{Name}' ({Target})",
        HistoryKind.EventRaised => $"event '{Name}'",
        HistoryKind.EventSent => $"sending event '{Name}' to '{Target}'",
        _ => "the start",
    };
}
