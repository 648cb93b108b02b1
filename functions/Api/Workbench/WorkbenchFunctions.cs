using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;

namespace TumorFunctions.Api.Workbench;

public sealed class WorkbenchFunctions(PreprocessingService preprocessing, AugmentationService augmentation, ImageService images)
{
    [Function("Preprocess")]
    public async Task<IActionResult> Preprocess(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/workbench/preprocess")] HttpRequest request) =>
        new JsonAnswer(await preprocessing.PreprocessAsync(request, Caller.Of(request)));

    [Function("Augment")]
    public async Task<IActionResult> Augment(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/workbench/augment")] HttpRequest request) =>
        new JsonAnswer(await augmentation.AugmentAsync(request, Caller.Of(request)));

    [Function("AugmentedFile")]
    public async Task<IActionResult> File(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "uploads/augmented/{filename}")] HttpRequest request,
        string filename) =>
        new BlobAnswer(await images.OpenFileAsync(filename, Caller.Of(request), request.HttpContext.RequestAborted));
}
