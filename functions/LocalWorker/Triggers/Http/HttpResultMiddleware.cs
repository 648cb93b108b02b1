using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Logging;

namespace TumorFunctions.LocalWorker.Triggers.Http;

/// <summary>Shows the HTTP context to the steps after it and, when they have returned, writes their result as the response.
/// As in the real worker, that is outside the app's own middleware: a result that fails while it is written is not theirs
/// to catch.</summary>
internal sealed class HttpResultMiddleware(ILogger<HttpResultMiddleware> logger) : IFunctionsWorkerMiddleware
{
    /// <summary>The real worker's key in <see cref="FunctionContext.Items"/>.</summary>
    public const string HttpContextKey = "HttpRequestContext";

    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        if (context.Features.Get<HttpContext>() is not { } http)
        {
            await next(context);
            return;
        }
        context.Items[HttpContextKey] = http;
        http.RequestServices = context.InstanceServices;
        await next(context);
        switch (context.GetInvocationResult().Value)
        {
            case IActionResult result:
                await result.ExecuteResultAsync(new ActionContext(http, http.GetRouteData(), new ActionDescriptor()));
                break;
            case IResult result:
                await result.ExecuteAsync(http);
                break;
            default:
                Logs.NoHttpResponse(logger, context.FunctionDefinition.Name, context.InvocationId);
                break;
        }
    }
}
