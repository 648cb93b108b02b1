using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Dashboard;

public sealed class DashboardFunctions(DashboardService service)
{
    [Function("DashboardStats")]
    public async Task<IActionResult> Stats(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/dashboard/stats")] HttpRequest request) =>
        new JsonAnswer(await service.StatsAsync(request.HttpContext.RequestAborted));
}
