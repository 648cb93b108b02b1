using Microsoft.AspNetCore.Http;
using TumorFunctions.LocalWorker.Triggers.Http;

namespace Microsoft.Azure.Functions.Worker;

public static class FunctionContextExtensions
{
    /// <summary>The request and response of an HTTP invocation; null for other triggers, and in middleware that was added
    /// before <c>ConfigureFunctionsWebApplication</c>.</summary>
    public static HttpContext? GetHttpContext(this FunctionContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Items.TryGetValue(HttpResultMiddleware.HttpContextKey, out var item) ? item as HttpContext : null;
    }
}
