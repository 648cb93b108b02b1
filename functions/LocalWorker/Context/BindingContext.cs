namespace Microsoft.Azure.Functions.Worker;

/// <summary>What the trigger knows about an invocation.</summary>
public abstract class BindingContext
{
    /// <summary>Values by name, whatever the name's case; for HTTP the route parameters, as text.</summary>
    public abstract IReadOnlyDictionary<string, object?> BindingData { get; }
}
