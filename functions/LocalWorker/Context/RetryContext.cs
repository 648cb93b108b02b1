namespace Microsoft.Azure.Functions.Worker;

/// <summary>Which attempt at the same event this invocation is.</summary>
public abstract class RetryContext
{
    /// <summary>0 on the first attempt.</summary>
    public abstract int RetryCount { get; }

    public abstract int MaxRetryCount { get; }
}
