using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Auth;

public sealed class AuthFunctions(AuthService service)
{
    [Function("Register")]
    public async Task<IActionResult> Register(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/auth/register")] HttpRequest request) =>
        new JsonAnswer(await service.RegisterAsync(request), StatusCodes.Status201Created);

    [Function("Login")]
    public async Task<IActionResult> Login(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/auth/login")] HttpRequest request) =>
        new JsonAnswer(await service.LoginAsync(request));

    [Function("Profile")]
    public async Task<IActionResult> Profile(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/auth/profile")] HttpRequest request) =>
        new JsonAnswer(await service.ProfileAsync(Caller.Of(request), request.HttpContext.RequestAborted));

    [Function("ChangePassword")]
    public async Task<IActionResult> ChangePassword(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/auth/change-password")] HttpRequest request) =>
        new JsonAnswer(await service.ChangePasswordAsync(request, Caller.Of(request)));
}
