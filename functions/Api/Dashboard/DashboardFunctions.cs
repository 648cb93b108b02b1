using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Dashboard;

public sealed class DashboardFunctions(DashboardService service, TodoService todos)
{
    [Function("DashboardStats")]
    public async Task<IActionResult> Stats(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/dashboard/stats")] HttpRequest request) =>
        new JsonAnswer(await service.StatsAsync(request.HttpContext.RequestAborted));

    [Function("CasesTrend")]
    public async Task<IActionResult> CasesTrend(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/dashboard/cases-trend")] HttpRequest request) =>
        new JsonAnswer(await service.CasesTrendAsync(request));

    [Function("AccuracyTrend")]
    public async Task<IActionResult> AccuracyTrend(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/dashboard/accuracy-trend")] HttpRequest request) =>
        new JsonAnswer(await service.AccuracyTrendAsync(request));

    [Function("DepartmentDistribution")]
    public async Task<IActionResult> Departments(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/dashboard/dept-dist")] HttpRequest request) =>
        new JsonAnswer(await service.DepartmentsAsync(request.HttpContext.RequestAborted));

    [Function("DoctorDistribution")]
    public async Task<IActionResult> Doctors(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/dashboard/doctor-dist")] HttpRequest request) =>
        new JsonAnswer(await service.DoctorsAsync(request.HttpContext.RequestAborted));

    [Function("RecentCases")]
    public async Task<IActionResult> Recent(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/dashboard/recent-cases")] HttpRequest request) =>
        new JsonAnswer(await service.RecentAsync(request));

    [Function("RebuildDashboard")]
    public async Task<IActionResult> Rebuild(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/admin/dashboard/rebuild")] HttpRequest request) =>
        new JsonAnswer(await service.RebuildAsync(request.HttpContext.RequestAborted));

    [Function("ListTodos")]
    public async Task<IActionResult> Todos(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/dashboard/todos")] HttpRequest request) =>
        new JsonAnswer(await todos.ListAsync(request.HttpContext.RequestAborted));

    [Function("AddTodo")]
    public async Task<IActionResult> AddTodo(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/dashboard/todos")] HttpRequest request) =>
        new JsonAnswer(await todos.AddAsync(request, Caller.Of(request)), StatusCodes.Status201Created);

    [Function("UpdateTodo")]
    public async Task<IActionResult> UpdateTodo(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "api/dashboard/todos/{id:int}")] HttpRequest request, int id) =>
        new JsonAnswer(await todos.UpdateAsync(id, request, Caller.Of(request)));

    [Function("DeleteTodo")]
    public async Task<IActionResult> DeleteTodo(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/dashboard/todos/{id:int}")] HttpRequest request, int id) =>
        new JsonAnswer(await todos.DeleteAsync(id, Caller.Of(request), request.HttpContext.RequestAborted));
}
