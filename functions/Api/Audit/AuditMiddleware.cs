using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using TumorFunctions.Api.Auth;

namespace TumorFunctions.Api.Audit;

/// <summary>Writes an entry for every call of an audited function that was not refused.</summary>
public sealed class AuditMiddleware(AuditLog log) : IFunctionsWorkerMiddleware
{
    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        await next(context);
        if (context.GetHttpContext() is not { } http
            || !AuditedFunctions.Actions.TryGetValue(context.FunctionDefinition.Name, out var action))
        {
            return;
        }

        var trail = AuditTrail.Of(http);
        var caller = Caller.TryOf(http);
        var target = trail.Target ?? string.Join(',', http.Request.RouteValues.Values);
        await log.WriteAsync(new AuditEvent(
            caller?.UserId ?? 0,
            caller?.Username ?? "",
            action,
            target.Length == 0 ? null : target,
            trail.Changes,
            context.InvocationId));
    }
}
