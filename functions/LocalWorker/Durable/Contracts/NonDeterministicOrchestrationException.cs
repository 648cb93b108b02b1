namespace DurableTask.Core.Exceptions;

/// <summary>An orchestrator's code took another step than its recorded history shows.</summary>
internal sealed class NonDeterministicOrchestrationException(string message) : Exception(
    $"Non-deterministic orchestrator: {message} The code was changed while this instance ran, or it decides by something that is " +
    "not recorded (time, random numbers, settings, static state).");
