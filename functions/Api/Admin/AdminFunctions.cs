using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Admin;

public sealed class AdminFunctions(AdminService service)
{
    [Function("ModelInformation")]
    public async Task<IActionResult> Model(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/admin/model")] HttpRequest request) =>
        new JsonAnswer(await service.ModelAsync(request.HttpContext.RequestAborted));

    [Function("ReloadModel")]
    public async Task<IActionResult> ReloadModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/admin/model/update")] HttpRequest request) =>
        new JsonAnswer(await service.ReloadAsync(request.HttpContext.RequestAborted));

    [Function("Monitor")]
    public async Task<IActionResult> Monitor(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/admin/monitor")] HttpRequest request) =>
        new JsonAnswer(await service.MonitorAsync(request.HttpContext.RequestAborted));
}
