namespace Microsoft.Azure.Functions.Worker;

/// <summary>What a function returned. Middleware reads it after the function and may replace it.</summary>
public abstract class InvocationResult : InvocationResult<object>;

/// <inheritdoc cref="InvocationResult"/>
public abstract class InvocationResult<T>
{
    /// <summary>The value when this object was asked for; setting it sets the invocation's result.</summary>
    public abstract T? Value { get; set; }
}
