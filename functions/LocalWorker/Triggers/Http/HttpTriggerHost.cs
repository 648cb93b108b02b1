using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TumorFunctions.LocalWorker.Definition;
using TumorFunctions.LocalWorker.Execution;

namespace TumorFunctions.LocalWorker.Triggers.Http;

/// <summary>Serves the HTTP functions on Kestrel, with the answers of the Azure host where no function answers.</summary>
internal static class HttpTriggerHost
{
    /// <exception cref="InvalidOperationException">A route cannot be served: see <see cref="HttpRoute"/> and
    /// <see cref="HttpRouteTable"/>.</exception>
    public static void Map(WebApplication app, IReadOnlyList<LocalFunctionDefinition> functions, string routePrefix)
    {
        var dispatcher = app.Services.GetRequiredService<FunctionDispatcher>();
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(HttpTriggerHost));
        var table = new HttpRouteTable(app.Services.GetRequiredService<ParameterPolicyFactory>());
        var routes = table.Order(
            [.. functions.Where(f => f.Trigger is HttpTriggerAttribute)
                .Select(f => new HttpRoute(f, (HttpTriggerAttribute)f.Trigger, routePrefix))]);

        app.UseRouting();
        app.Use(KeepToFunctions);
        for (var order = 0; order < routes.Count; order++)
        {
            var route = routes[order];
            var endpoint = app.Map(route.Pattern, http => InvokeAsync(http, route.Function, dispatcher))
                .WithMetadata(route)
                .WithOrder(order)
                .WithDisplayName(route.Function.Name);
            if (route.Methods.Count > 0)
            {
                endpoint.WithMetadata(new HttpMethodMetadata(route.Methods));
            }
            var methods = route.Methods.Count == 0 ? "all" : string.Join(',', route.Methods);
            Logs.RouteMapped(logger, route.Function.Name, methods, route.Pattern.RawText!);
        }
        app.Lifetime.ApplicationStarted.Register(
            () => Logs.Serving(logger, functions.Count, string.Join(' ', app.Urls)));
    }

    /// <summary>The host knows no 405: a route whose methods do not include the request's is no route for it.</summary>
    private static Task KeepToFunctions(HttpContext http, RequestDelegate next)
    {
        if (http.GetEndpoint()?.Metadata.GetMetadata<HttpRoute>() is null)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }
        return next(http);
    }

    private static async Task InvokeAsync(HttpContext http, LocalFunctionDefinition function, FunctionDispatcher dispatcher)
    {
        try
        {
            await dispatcher.InvokeAsync(
                function, new Dictionary<string, object?>(http.Request.RouteValues, StringComparer.OrdinalIgnoreCase),
                features => features.Set(http), http.RequestAborted);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested || http.Response.HasStarted)
        {
            // A cut-off response must not look whole.
            http.Abort();
        }
        catch (Exception exception)
        {
            http.Response.Clear();
            http.Response.StatusCode = (exception as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status500InternalServerError;
        }
    }
}
