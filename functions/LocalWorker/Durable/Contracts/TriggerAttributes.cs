using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Marks an orchestrator: its parameter is the <see cref="Microsoft.DurableTask.TaskOrchestrationContext"/>.</summary>
public sealed class OrchestrationTriggerAttribute : TriggerBindingAttribute
{
    /// <summary>The name that clients start it by; the function's name where there is none.</summary>
    public string? Orchestration { get; set; }
}

/// <summary>Marks an activity: its parameter is the input, of any type that JSON can carry.</summary>
public sealed class ActivityTriggerAttribute : TriggerBindingAttribute
{
    /// <summary>The name that orchestrators call it by; the function's name where there is none.</summary>
    public string? Activity { get; set; }
}

/// <summary>Hands a function the <see cref="Microsoft.DurableTask.Client.DurableTaskClient"/>.</summary>
public sealed class DurableClientAttribute : InputBindingAttribute
{
    /// <summary>The local worker has one hub, whatever its name.</summary>
    public string? TaskHub { get; set; }

    public string? ConnectionName { get; set; }
}
