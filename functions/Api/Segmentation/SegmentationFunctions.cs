using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Segmentation;

public sealed class SegmentationFunctions(SegmentationService service, JobUpkeep upkeep)
{
    [Function("StartSegmentation")]
    public async Task<IActionResult> Start(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "segmentation/start")] HttpRequest request,
        [DurableClient] DurableTaskClient client,
        FunctionContext context) =>
        new JsonAnswer(await service.StartAsync(request, Caller.Of(request), client, CorrelationId.Of(request, context)));

    [Function("SegmentationProgress")]
    public async Task<IActionResult> Progress(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "segmentation/{jobId}/progress")] HttpRequest request,
        string jobId,
        [DurableClient] DurableTaskClient client) =>
        new JsonAnswer(await service.ProgressAsync(jobId, Caller.Of(request), client, request.HttpContext.RequestAborted));

    [Function("ListSegmentations")]
    public async Task<IActionResult> List(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "segmentation")] HttpRequest request) =>
        new JsonAnswer(await service.ListAsync(request, Caller.Of(request)));

    [Function("SegmentationResult")]
    public async Task<IActionResult> Result(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "segmentation/{jobId}/result")] HttpRequest request, string jobId) =>
        new JsonAnswer(await service.ResultAsync(jobId, Caller.Of(request), request.HttpContext.RequestAborted));

    [Function("CancelSegmentation")]
    public async Task<IActionResult> Cancel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "segmentation/{jobId}/cancel")] HttpRequest request,
        string jobId,
        [DurableClient] DurableTaskClient client) =>
        new JsonAnswer(await service.CancelAsync(jobId, Caller.Of(request), client, request.HttpContext.RequestAborted));

    [Function("DeleteSegmentation")]
    public async Task<IActionResult> Delete(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "segmentation/{jobId}")] HttpRequest request,
        string jobId,
        [DurableClient] DurableTaskClient client) =>
        new JsonAnswer(await service.CancelAsync(jobId, Caller.Of(request), client, request.HttpContext.RequestAborted));

    [Function("SegmentationUpkeep")]
    public Task Upkeep(
        [TimerTrigger("30 * * * * *", RunOnStartup = true)] TimerInfo timer,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellationToken) => upkeep.RunAsync(client, cancellationToken);
}
