using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace TumorFunctions.LocalWorker.Durable.Store;

/// <summary>What one run of an orchestrator's code came to; it is recorded whole or not at all.</summary>
internal sealed record TurnResult
{
    /// <summary>Steps beyond those recorded before.</summary>
    public IReadOnlyList<HistoryEvent> Steps { get; init; } = [];

    /// <summary>Null where the code did not set one.</summary>
    public CustomStatus? CustomStatus { get; init; }

    /// <summary>Null while it waits.</summary>
    public TurnEnd? End { get; init; }
}

internal sealed record CustomStatus(string? Json);

/// <summary>How an execution ends.</summary>
internal abstract record TurnEnd
{
    public sealed record Finished(OrchestrationRuntimeStatus Status, string? Output, TaskFailureDetails? Failure) : TurnEnd;

    /// <param name="Unprocessed">Events that nobody waited for.</param>
    public sealed record Anew(string? Input, IReadOnlyList<HistoryEvent> Unprocessed) : TurnEnd;
}
