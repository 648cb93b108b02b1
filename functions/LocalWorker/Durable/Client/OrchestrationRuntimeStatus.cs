namespace Microsoft.DurableTask.Client;

/// <summary>How far an orchestration is. The values are the real API's, those of its retired names left out.</summary>
public enum OrchestrationRuntimeStatus
{
    Running = 0,
    Completed = 1,
    Failed = 3,
    Terminated = 5,

    /// <summary>Scheduled, not started.</summary>
    Pending = 6,
    Suspended = 7,
}
