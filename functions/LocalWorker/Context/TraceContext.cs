namespace Microsoft.Azure.Functions.Worker;

/// <summary>The W3C trace that the invocation belongs to.</summary>
public abstract class TraceContext
{
    /// <summary>The <c>traceparent</c> value of the invocation's activity.</summary>
    public abstract string TraceParent { get; }

    /// <summary>The <c>tracestate</c> value.</summary>
    public abstract string TraceState { get; }
}
