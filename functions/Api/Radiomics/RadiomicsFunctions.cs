using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Radiomics;

public sealed class RadiomicsFunctions(RadiomicsService radiomics, TrainingService training)
{
    [Function("ExtractRadiomics")]
    public async Task<IActionResult> Extract(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/radiomics/extract")] HttpRequest request)
    {
        var extraction = await radiomics.ExtractAsync(request, Caller.Of(request));
        var headers = request.HttpContext.Response.Headers;
        headers.ETag = $"\"{extraction.Version}\"";
        headers["X-Mask-Source"] = extraction.MaskSource;
        headers["X-Cache"] = extraction.Cached ? "hit" : "miss";
        return new JsonAnswer(extraction.Features);
    }

    [Function("TrainRadiomics")]
    public async Task<IActionResult> Train(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/radiomics/train")] HttpRequest request) =>
        new JsonAnswer(await training.TrainAsync(request, Caller.Of(request)));

    [Function("ListRadiomicsModels")]
    public async Task<IActionResult> ListModels(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/radiomics/models")] HttpRequest request) =>
        new JsonAnswer(await training.ListAsync(request));

    [Function("DeleteRadiomicsModel")]
    public async Task<IActionResult> DeleteModel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/radiomics/models/{name}")] HttpRequest request, string name) =>
        new JsonAnswer(await training.DeleteAsync(name, Caller.Of(request), request.HttpContext.RequestAborted));

    [Function("PredictRadiomics")]
    public async Task<IActionResult> Predict(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/radiomics/predict")] HttpRequest request) =>
        new JsonAnswer(await training.PredictAsync(request, Caller.Of(request)));

    [Function("RadiomicsModelFile")]
    public async Task<IActionResult> ModelFile(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "models/{file}")] HttpRequest request, string file) =>
        new BlobAnswer(await training.OpenAsync(file, request.HttpContext.RequestAborted));
}
