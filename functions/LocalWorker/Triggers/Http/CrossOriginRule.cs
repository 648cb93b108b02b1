using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace TumorFunctions.LocalWorker.Triggers.Http;

/// <summary>
/// Lets front ends of other origins call, as Azure Functions Core Tools do: <c>Host:CORS</c> names the origins, separated by commas,
/// or <c>*</c> for all; without it there are none. On Azure the platform does this.
/// </summary>
internal static class CrossOriginRule
{
    private const string Origins = "Host:CORS";
    private const string Credentials = "Host:CORSCredentials";

    /// <exception cref="InvalidOperationException">Credentials are allowed to all origins, which browsers refuse.</exception>
    public static void Apply(WebApplication app)
    {
        var origins = (app.Configuration[Origins] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (origins.Length == 0)
        {
            return;
        }
        var everybody = origins.Contains("*");
        var credentials = app.Configuration.GetValue<bool>(Credentials);
        if (everybody && credentials)
        {
            throw new InvalidOperationException($"{Credentials} needs origins named in {Origins}, not '*'.");
        }
        app.UseCors(policy =>
        {
            _ = everybody ? policy.AllowAnyOrigin() : policy.WithOrigins(origins);
            _ = credentials ? policy.AllowCredentials() : policy.DisallowCredentials();
            policy.AllowAnyHeader().AllowAnyMethod().WithExposedHeaders("Content-Disposition", "ETag", "Retry-After");
        });
    }
}
