using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Masks;

public sealed class MaskFunctions(MaskService masks, MaskExport export)
{
    private const string Route = "api/medical/{imageId:int}/mask";

    [Function("PutMask")]
    public async Task<IActionResult> Put(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = Route)] HttpRequest request, int imageId) =>
        Answer(request, await masks.PutAsync(imageId, request, Caller.Of(request)));

    [Function("GetMask")]
    public async Task<IActionResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = Route)] HttpRequest request, int imageId) =>
        await export.GetAsync(imageId, request, Caller.Of(request));

    [Function("DeleteMask")]
    public async Task<IActionResult> Delete(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = Route)] HttpRequest request, int imageId) =>
        Answer(request, await masks.DeleteAsync(imageId, request, Caller.Of(request)));

    private static JsonAnswer Answer(HttpRequest request, MaskAnswer answer)
    {
        request.HttpContext.Response.Headers.ETag = answer.ETag;
        return new JsonAnswer(answer);
    }
}
