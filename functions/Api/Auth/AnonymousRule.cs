using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using TumorFunctions.Storage;
using TumorFunctions.Storage.Embedded;

namespace TumorFunctions.Api.Auth;

/// <summary>Whether a request without a token may be served nevertheless.</summary>
public sealed class AnonymousRule(IOptions<AuthOptions> options, IDocumentStore documents)
{
    public bool Allows(string function, HttpContext http) =>
        Access.AnonymousSegmentation.Contains(function)
        && http.Request.Headers.Authorization.Count == 0
        && (options.Value.AnonymousSegmentation ?? (documents is SqliteDocumentStore && IsFromHere(http)));

    // Behind a proxy every caller would seem to be on this machine.
    private static bool IsFromHere(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } address
        && IPAddress.IsLoopback(address)
        && !http.Request.Headers.ContainsKey("X-Forwarded-For")
        && !http.Request.Headers.ContainsKey("Forwarded");
}
