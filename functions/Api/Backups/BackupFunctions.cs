using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TumorFunctions.Api.Audit;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Backups;

public sealed class BackupFunctions(
    BackupService service, BackupAudit audit, IOptions<BackupOptions> options, ILogger<BackupFunctions> logger)
{
    private static readonly string[] RestoreFields = ["overwrite", "dry_run"];

    [Function("StartBackup")]
    public async Task<IActionResult> Start(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/admin/backup")] HttpRequest request,
        [DurableClient] DurableTaskClient client)
    {
        var answer = await service.StartAsync(Caller.Of(request).Username, client, request.HttpContext.RequestAborted);
        AuditTrail.Of(request).Note(answer.BackupId);
        return new JsonAnswer(answer);
    }

    [Function("ListBackups")]
    public async Task<IActionResult> List(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/admin/backups")] HttpRequest request,
        [DurableClient] DurableTaskClient client) =>
        new JsonAnswer(await service.ListAsync(client, request.HttpContext.RequestAborted));

    [Function("GetBackup")]
    public async Task<IActionResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/admin/backups/{backupId}")] HttpRequest request,
        string backupId,
        [DurableClient] DurableTaskClient client) =>
        new JsonAnswer(await service.GetAsync(backupId, client, request.HttpContext.RequestAborted));

    [Function("VerifyBackup")]
    public async Task<IActionResult> Verify(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/admin/backups/{backupId}/verify")] HttpRequest request,
        string backupId,
        [DurableClient] DurableTaskClient client) =>
        new JsonAnswer(
            await service.VerifyAsync(backupId, Caller.Of(request).Username, client, request.HttpContext.RequestAborted),
            StatusCodes.Status202Accepted);

    [Function("RestoreBackup")]
    public async Task<IActionResult> Restore(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/admin/backups/{backupId}/restore")] HttpRequest request,
        string backupId,
        [DurableClient] DurableTaskClient client)
    {
        var fields = await RequestFields.ReadJsonAsync(request, RestoreFields);
        var overwrite = fields.Flag("overwrite") ?? false;
        var dryRun = fields.Flag("dry_run") ?? false;
        var answer = await service.RestoreAsync(
            backupId, overwrite, dryRun, Caller.Of(request).Username, client, request.HttpContext.RequestAborted);
        AuditTrail.Of(request).Note(
            backupId, ("overwrite", null, overwrite ? "true" : null), ("dry_run", null, dryRun ? "true" : null));
        return new JsonAnswer(answer, StatusCodes.Status202Accepted);
    }

    [Function("DeleteBackup")]
    public async Task<IActionResult> Delete(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/admin/backups/{backupId}")] HttpRequest request,
        string backupId,
        [DurableClient] DurableTaskClient client) =>
        new JsonAnswer(await service.DeleteAsync(backupId, client, request.HttpContext.RequestAborted));

    [Function("NightlyBackup")]
    public async Task Nightly(
        [TimerTrigger("%Backups__Schedule%")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellationToken)
    {
        if (options.Value.Schedule == BackupOptions.Never)
        {
            return;
        }

        try
        {
            var started = await service.StartAsync(null, client, cancellationToken);
            await audit.StartedByClockAsync(started.BackupId);
        }
        catch (StateConflictException exception)
        {
            logger.NightlyBackupRefused(exception.Detail ?? exception.Error);
        }
    }
}
