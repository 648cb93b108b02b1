using Microsoft.Azure.Functions.Worker;

namespace TumorFunctions.LocalWorker.Context;

/// <summary>Holds what the invocation returns: null until the function or a middleware has set it.</summary>
internal sealed class InvocationOutcome
{
    public object? Value { get; set; }
}

/// <summary>Reads the outcome once and writes through, as the real worker's object does.</summary>
internal sealed class InvocationResultSnapshot(InvocationOutcome outcome) : InvocationResult
{
    private object? _value = outcome.Value;

    public override object? Value
    {
        get => _value;
        set => outcome.Value = _value = value;
    }
}
