using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Reports;

public sealed class ReportFunctions(MetricsService metrics, ReportService reports, ReportExport export)
{
    [Function("TumourMetrics")]
    public async Task<IActionResult> Metrics(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/analysis/metrics")] HttpRequest request) =>
        new JsonAnswer(await metrics.GetAsync(request, Caller.Of(request)));

    [Function("SaveReport")]
    public async Task<IActionResult> Save(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/analysis/report")] HttpRequest request) =>
        new JsonAnswer(await reports.SaveAsync(request, Caller.Of(request)), StatusCodes.Status201Created);

    [Function("ListReports")]
    public async Task<IActionResult> List(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/analysis/reports")] HttpRequest request) =>
        new JsonAnswer(await reports.ListAsync(request, Caller.Of(request)));

    [Function("GetReport")]
    public async Task<IActionResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/analysis/report/{reportId:int}")] HttpRequest request, int reportId) =>
        new JsonAnswer(await reports.GetAsync(reportId, Caller.Of(request), request.HttpContext.RequestAborted));

    [Function("DeleteReport")]
    public async Task<IActionResult> Delete(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/analysis/report/{reportId:int}")] HttpRequest request, int reportId) =>
        new JsonAnswer(await reports.DeleteAsync(reportId, Caller.Of(request), request.HttpContext.RequestAborted));

    [Function("ExportReport")]
    public async Task<IActionResult> Export(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/analysis/export")] HttpRequest request) =>
        await export.ExportAsync(request, Caller.Of(request));
}
