using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Images;

public sealed class ImageFunctions(ImageService service, UploadService uploads)
{
    [Function("UploadImage")]
    public async Task<IActionResult> Upload(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/medical/upload")] HttpRequest request) =>
        new JsonAnswer(await uploads.UploadAsync(request, Caller.Of(request)), StatusCodes.Status201Created);

    [Function("ListImages")]
    public async Task<IActionResult> List(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/medical/list")] HttpRequest request) =>
        new JsonAnswer(await service.ListAsync(request, Caller.Of(request)));

    [Function("GetImage")]
    public async Task<IActionResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/medical/{imageId:int}")] HttpRequest request, int imageId) =>
        new JsonAnswer(await service.GetAsync(imageId, Caller.Of(request), request.HttpContext.RequestAborted));

    [Function("UpdateImage")]
    public async Task<IActionResult> Update(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "api/medical/{imageId:int}")] HttpRequest request, int imageId) =>
        new JsonAnswer(await service.UpdateAsync(imageId, request, Caller.Of(request)));

    [Function("DeleteImage")]
    public async Task<IActionResult> Delete(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/medical/{imageId:int}")] HttpRequest request, int imageId) =>
        new JsonAnswer(await service.DeleteAsync(imageId, Caller.Of(request), request.HttpContext.RequestAborted));

    [Function("DeleteImages")]
    public async Task<IActionResult> DeleteBatch(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/medical/delete-batch")] HttpRequest request) =>
        new JsonAnswer(await service.DeleteBatchAsync(request, Caller.Of(request)));

    [Function("ImageFile")]
    public async Task<IActionResult> File(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "uploads/medical_images/{filename}")] HttpRequest request,
        string filename) =>
        new BlobAnswer(await service.OpenFileAsync(filename, Caller.Of(request), request.HttpContext.RequestAborted));
}
