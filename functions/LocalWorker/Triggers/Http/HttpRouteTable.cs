using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;

namespace TumorFunctions.LocalWorker.Triggers.Http;

/// <summary>
/// The HTTP routes of an app, checked against each other. ASP.NET Core gives a request to the most specific route; the Azure
/// Functions host gives it to the first match in the order of the functions' names (Azure/azure-functions-host issues 3153
/// and 9876). Only apps for which the two agree are served, so that what works here works there.
/// </summary>
internal sealed class HttpRouteTable(ParameterPolicyFactory policies)
{
    /// <summary>The routes, most specific first and then by name.</summary>
    /// <param name="routes">In the order of the functions' names.</param>
    /// <exception cref="InvalidOperationException">Two routes are the same, or the host would choose another one.</exception>
    public IReadOnlyList<HttpRoute> Order(IReadOnlyList<HttpRoute> routes)
    {
        for (var i = 0; i < routes.Count; i++)
        {
            for (var j = i + 1; j < routes.Count; j++)
            {
                Compare(routes[i], routes[j]);
            }
        }
        return [.. routes.OrderBy(route => route.Pattern.InboundPrecedence)];
    }

    private void Compare(HttpRoute first, HttpRoute second)
    {
        if (!first.SharesMethodWith(second))
        {
            return;
        }
        if (Shape(first.Pattern) == Shape(second.Pattern))
        {
            throw new InvalidOperationException($"Two functions share a route and a method: {first} and {second}.");
        }
        if (first.Pattern.InboundPrecedence > second.Pattern.InboundPrecedence && Overlap(first.Pattern, second.Pattern, 0))
        {
            throw new InvalidOperationException(
                $"On Azure, function {first} would take requests that are meant for {second}: there, the first match in the " +
                "order of the functions' names wins. Constrain the route's parameter (as in '{id:int}') or rename a function.");
        }
    }

    /// <summary>The template without the names of its parameters: routes of one shape match the same paths.</summary>
    private static string Shape(RoutePattern pattern) =>
        string.Join('/', pattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
        {
            RoutePatternParameterPart p => $"{{{p.ParameterKind}:{string.Join(':', p.ParameterPolicies.Select(x => x.Content))}}}",
            RoutePatternLiteralPart p => p.Content.ToUpperInvariant(),
            _ => part.ToString(),
        }))));

    /// <summary>Whether some path matches both patterns from the given segment on, as far as can be told: never a wrong no.</summary>
    private bool Overlap(RoutePattern first, RoutePattern second, int index)
    {
        var a = index < first.PathSegments.Count ? first.PathSegments[index] : null;
        var b = index < second.PathSegments.Count ? second.PathSegments[index] : null;
        if (a is null || b is null)
        {
            return (a ?? b) is null || IsOptional((a ?? b)!);
        }
        return IsCatchAll(a) || IsCatchAll(b) || (Overlap(a, b) && Overlap(first, second, index + 1));
    }

    private bool Overlap(RoutePatternPathSegment a, RoutePatternPathSegment b) => (a, b) switch
    {
        _ when !a.IsSimple || !b.IsSimple => true,
        _ when a.Parts[0] is RoutePatternLiteralPart x && b.Parts[0] is RoutePatternLiteralPart y =>
            x.Content.Equals(y.Content, StringComparison.OrdinalIgnoreCase),
        _ when a.Parts[0] is RoutePatternLiteralPart x && b.Parts[0] is RoutePatternParameterPart y => Accepts(y, x.Content),
        _ when a.Parts[0] is RoutePatternParameterPart x && b.Parts[0] is RoutePatternLiteralPart y => Accepts(x, y.Content),
        _ => true,
    };

    private bool Accepts(RoutePatternParameterPart parameter, string text) =>
        parameter.ParameterPolicies
            .Select(policy => policies.Create(parameter, policy))
            .OfType<IRouteConstraint>()
            .All(constraint => constraint.Match(
                httpContext: null, route: null, parameter.Name, new() { [parameter.Name] = text }, RouteDirection.IncomingRequest));

    private static bool IsCatchAll(RoutePatternPathSegment segment) =>
        segment.Parts[0] is RoutePatternParameterPart { IsCatchAll: true };

    private static bool IsOptional(RoutePatternPathSegment segment) =>
        segment.Parts[0] is RoutePatternParameterPart part && (part.IsCatchAll || part.IsOptional || part.Default != null);
}
