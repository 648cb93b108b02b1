using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;

namespace TumorFunctions.Api.Preop;

public sealed class PreopFunctions(SimulationService simulation, SurfaceService surfaces, ImageService images)
{
    [Function("SimulateSurgery")]
    public async Task<IActionResult> Simulate(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/preop/simulate")] HttpRequest request) =>
        new JsonAnswer(await simulation.SimulateAsync(request, Caller.Of(request)));

    [Function("LoadSurface")]
    public async Task<IActionResult> Load(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/preop/load3d")] HttpRequest request) =>
        new JsonAnswer(await surfaces.LoadAsync(request, Caller.Of(request)));

    [Function("SurfaceFile")]
    public Task<IActionResult> Model(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "data/models/{filename}")] HttpRequest request,
        string filename) => FileAsync(request, filename);

    [Function("TextureFile")]
    public Task<IActionResult> Texture(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "data/textures/{filename}")] HttpRequest request,
        string filename) => FileAsync(request, filename);

    private async Task<IActionResult> FileAsync(HttpRequest request, string filename) =>
        new BlobAnswer(await images.OpenFileAsync(filename, Caller.Of(request), request.HttpContext.RequestAborted));
}
