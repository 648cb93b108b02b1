using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Inbox;

public sealed class InboxFunctions(
    InboxService inbox, UploadUrlService urls, InboxUploadService uploads, QuarantineService quarantine)
{
    // Flex Consumption knows no other source; the local worker scans whatever this says.
    [Function("TakeFromInbox")]
    public Task Take(
        [BlobTrigger("inbox/{name}", Connection = "AzureWebJobsStorage", Source = BlobTriggerSource.EventGrid)] Stream content,
        string name,
        [DurableClient] DurableTaskClient client,
        FunctionContext context,
        CancellationToken cancellationToken) => inbox.TakeAsync(name, client, context.InvocationId, cancellationToken);

    [Function("CreateUploadUrl")]
    public async Task<IActionResult> CreateUploadUrl(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/medical/upload-url")] HttpRequest request) =>
        new JsonAnswer(await urls.CreateAsync(request, Caller.Of(request)));

    [Function("PutInboxUpload")]
    public Task<IActionResult> Put(
        [HttpTrigger(AuthorizationLevel.Anonymous, "put", Route = "inbox-uploads/{token}")] HttpRequest request, string token) =>
        uploads.PutAsync(token, request);

    [Function("ListQuarantine")]
    public async Task<IActionResult> ListQuarantine(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/admin/quarantine")] HttpRequest request) =>
        new JsonAnswer(await quarantine.ListAsync(request));

    [Function("RetryQuarantine")]
    public async Task<IActionResult> RetryQuarantine(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/admin/quarantine/{id}/retry")] HttpRequest request, string id) =>
        new JsonAnswer(await quarantine.RetryAsync(id, request.HttpContext.RequestAborted));

    [Function("DeleteQuarantine")]
    public async Task<IActionResult> DeleteQuarantine(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/admin/quarantine/{id}")] HttpRequest request, string id) =>
        new JsonAnswer(await quarantine.DeleteAsync(id, request.HttpContext.RequestAborted));

    [Function("InboxUpkeep")]
    public void Upkeep([TimerTrigger("0 17 * * * *", RunOnStartup = true)] TimerInfo timer) => uploads.Sweep();
}
