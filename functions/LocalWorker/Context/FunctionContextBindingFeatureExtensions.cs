using TumorFunctions.LocalWorker.Context;

namespace Microsoft.Azure.Functions.Worker;

public static class FunctionContextBindingFeatureExtensions
{
    /// <summary>The invocation's result as it stands now: empty before the function has returned.</summary>
    public static InvocationResult GetInvocationResult(this FunctionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        var outcome = context.Features.Get<InvocationOutcome>()
            ?? throw new InvalidOperationException($"This {nameof(FunctionContext)} was not made by the worker.");
        return new InvocationResultSnapshot(outcome);
    }
}
