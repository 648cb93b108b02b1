using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TumorFunctions.LocalWorker.Context;
using TumorFunctions.LocalWorker.Definition;

namespace TumorFunctions.LocalWorker.Execution;

/// <summary>Where every trigger hands over: runs one invocation through the middleware to the function.</summary>
internal sealed class FunctionDispatcher(
    FunctionExecutionDelegate pipeline, IServiceScopeFactory scopes, ILogger<FunctionDispatcher> logger)
{
    /// <param name="prepare">Adds what the trigger's own middleware needs to the invocation's features.</param>
    /// <returns>What the function returned.</returns>
    /// <exception cref="Exception">Whatever the function or a middleware threw, after it was logged.</exception>
    public async Task<object?> InvokeAsync(LocalFunctionDefinition function, IReadOnlyDictionary<string, object?> bindingData,
        Action<IInvocationFeatures> prepare, CancellationToken cancellationToken)
    {
        await using var context = new LocalFunctionContext(scopes, function, bindingData, cancellationToken);
        prepare(context.Features);
        using var scope = Logs.Invocation(logger, function.Name, context.InvocationId);
        try
        {
            await pipeline(context);
            return context.Features.Get<InvocationOutcome>()!.Value;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Logs.InvocationCancelled(logger, function.Name, context.InvocationId);
            throw;
        }
        catch (Exception exception)
        {
            Logs.InvocationFailed(logger, function.Name, context.InvocationId, exception);
            throw;
        }
    }
}
