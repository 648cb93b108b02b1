using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;
using TumorFunctions.LocalWorker.Definition;
using TumorFunctions.LocalWorker.Execution;

namespace TumorFunctions.LocalWorker.Triggers.Http;

/// <summary>Where an HTTP function is reached.</summary>
internal sealed class HttpRoute
{
    /// <exception cref="InvalidOperationException">The route is no template, is the host's own, or leaves a parameter of the
    /// function without a value.</exception>
    public HttpRoute(LocalFunctionDefinition function, HttpTriggerAttribute trigger, string prefix)
    {
        Function = function;
        Methods = trigger.Methods ?? [];
        var route = (string.IsNullOrWhiteSpace(trigger.Route) ? function.Name : trigger.Route).Trim('/');
        if (route.StartsWith("admin", StringComparison.OrdinalIgnoreCase)
            || route.StartsWith("runtime", StringComparison.OrdinalIgnoreCase))
        {
            throw new InvalidOperationException(
                $"The route '{route}' of function {function} is the Functions host's own: " +
                "no route may start with 'admin' or 'runtime' (before host.json's prefix).");
        }
        try
        {
            Pattern = RoutePatternFactory.Parse($"{prefix.Trim('/')}/{route}".TrimStart('/'));
        }
        catch (RoutePatternException exception)
        {
            throw new InvalidOperationException(
                $"The route '{route}' of function {function} is not a route template: {exception.Message}", exception);
        }
        foreach (var parameter in function.Parameters.Where(p => !ParameterBinder.BindsByType(p)))
        {
            if (Pattern.GetParameter(parameter.Name) is null)
            {
                throw new InvalidOperationException(
                    $"Parameter '{parameter.Name}' of function {function} is not in its route '{route}' " +
                    "and is no HttpRequest, DurableTaskClient, FunctionContext or CancellationToken.");
            }
            if (!ParameterBinder.BindsFromText(parameter))
            {
                throw new InvalidOperationException(
                    $"Route parameter '{parameter.Name}' of function {function} is of type {parameter.Type.Name}; " +
                    "string, int, long, Guid and bool bind from a route.");
            }
        }
    }

    public LocalFunctionDefinition Function { get; }

    public RoutePattern Pattern { get; }

    /// <summary>Empty means every method.</summary>
    public IReadOnlyList<string> Methods { get; }

    public bool SharesMethodWith(HttpRoute other) =>
        Methods.Count == 0 || other.Methods.Count == 0 || Methods.Intersect(other.Methods, StringComparer.OrdinalIgnoreCase).Any();

    public override string ToString() => $"{Function} on '{Pattern.RawText}'";
}
