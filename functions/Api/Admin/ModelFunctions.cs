using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Admin;

public sealed class ModelFunctions(ModelService service)
{
    [Function("ListModels")]
    public async Task<IActionResult> List(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/admin/models")] HttpRequest request) =>
        new JsonAnswer(await service.ListAsync(request.HttpContext.RequestAborted));

    [Function("UploadModel")]
    public async Task<IActionResult> Upload(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/admin/models")] HttpRequest request) =>
        new JsonAnswer(await service.UploadAsync(request, Caller.Of(request)), StatusCodes.Status201Created);

    [Function("ActivateModel")]
    public async Task<IActionResult> Activate(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/admin/models/{name}/activate")] HttpRequest request, string name) =>
        new JsonAnswer(await service.ActivateAsync(name, Caller.Of(request), request.HttpContext.RequestAborted));

    [Function("DeleteModel")]
    public async Task<IActionResult> Delete(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/admin/models/{name}")] HttpRequest request, string name) =>
        new JsonAnswer(await service.DeleteAsync(name, Caller.Of(request), request.HttpContext.RequestAborted));
}
