using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Users;

public sealed class UserFunctions(UserService service)
{
    [Function("ListUsers")]
    public async Task<IActionResult> List(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/admin/users")] HttpRequest request) =>
        new JsonAnswer(await service.ListAsync(request));

    [Function("CreateUser")]
    public async Task<IActionResult> Create(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/admin/users")] HttpRequest request) =>
        new JsonAnswer(await service.CreateAsync(request), StatusCodes.Status201Created);

    [Function("GetUser")]
    public async Task<IActionResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/admin/users/{userId:int}")] HttpRequest request, int userId) =>
        new JsonAnswer(await service.GetAsync(userId, request.HttpContext.RequestAborted));

    [Function("UpdateUser")]
    public async Task<IActionResult> Update(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "api/admin/users/{userId:int}")] HttpRequest request, int userId) =>
        new JsonAnswer(await service.UpdateAsync(userId, request));

    [Function("DeleteUser")]
    public async Task<IActionResult> Delete(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/admin/users/{userId:int}")] HttpRequest request, int userId) =>
        new JsonAnswer(await service.DeleteAsync(userId, Caller.Of(request), request.HttpContext.RequestAborted));
}
