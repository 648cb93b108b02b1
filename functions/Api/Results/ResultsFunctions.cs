using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Results;

public sealed class ResultsFunctions(AnalysisService analysis, DetectionService detection)
{
    [Function("AnalyzeImage")]
    public async Task<IActionResult> Analyze(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/results/analyze/{imageId:int}")] HttpRequest request, int imageId) =>
        new JsonAnswer(await analysis.AnalyzeAsync(imageId, request, Caller.Of(request)));

    [Function("Detect")]
    public async Task<IActionResult> Detect(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "detect")] HttpRequest request) =>
        new JsonAnswer(await detection.DetectAsync(request));
}
