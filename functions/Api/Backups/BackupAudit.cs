using TumorFunctions.Api.Audit;

namespace TumorFunctions.Api.Backups;

/// <summary>
/// Tells the audit log how work on backups ended, in the name of the system; requests are entered by their middleware. An activity that is
/// killed after its entry enters it once more.
/// </summary>
public sealed class BackupAudit(AuditLog log, BackupStore store)
{
    /// <param name="instanceId">The orchestration, by which the entry is found.</param>
    /// <param name="error">Null where it went well.</param>
    public async Task EndedAsync(
        string operation, string backupId, string instanceId, string? error, CancellationToken cancellationToken)
    {
        // Who still holds the lock has not ended before.
        if (await store.ReadLockAsync(cancellationToken) is { Value: var held } && held.InstanceId == instanceId)
        {
            var work = operation == BackupService.Copy ? "backup." : $"backup.{operation}_";
            await WriteAsync(work + (error is null ? "completed" : "failed"), backupId, instanceId);
        }
    }

    public Task StartedByClockAsync(string backupId) => WriteAsync("backup.start", backupId, BackupId.Plain(backupId));

    private Task WriteAsync(string action, string backupId, string instanceId) =>
        log.WriteAsync(new AuditEvent(0, "", action, backupId, [], instanceId));
}
