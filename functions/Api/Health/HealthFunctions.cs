using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Health;

public sealed class HealthFunctions(SystemHealth health)
{
    [Function("Health")]
    public async Task<IActionResult> Health(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health")] HttpRequest request)
    {
        var state = await health.CheckAsync(request.HttpContext.RequestAborted);
        return new JsonAnswer(
            new HealthAnswer(state.Status),
            state.StoresReachable ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    /// <summary>
    /// Whatever no other route takes, so that unknown paths get the same envelope as everything else. The Functions host asks functions
    /// in the order of their names and takes the first that matches: this one must come last.
    /// </summary>
    [Function("ZUnknownRoute")]
    public static IActionResult UnknownRoute(
        [HttpTrigger(
            AuthorizationLevel.Anonymous, "get", "post", "put", "patch", "delete", "head", "options", Route = "{*path}")] HttpRequest request) =>
        throw new NotFoundException($"接口不存在: {request.Method} {request.Path}");
}

public sealed record HealthAnswer(string Status);
