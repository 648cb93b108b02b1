using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Radiomics;

public sealed class RadiomicsFunctions(RadiomicsService radiomics)
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
}
