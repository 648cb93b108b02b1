using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TumorFunctions.Api.Http;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Backups;

/// <summary>
/// Starts and shows backups, verifications and restores. One of them runs at a time: a second is refused with 409, which names the
/// one that runs.
/// </summary>
public sealed class BackupService(
    BackupStore store,
    BackupArchive archive,
    BackupRetention retention,
    BackupEstimate estimate,
    IDocumentExport documents,
    IBlobExport blobs,
    IOptions<BackupOptions> options,
    TimeProvider time,
    ILogger<BackupService> logger)
{
    public const string Copy = "backup";
    public const string Verify = "verify";
    public const string Restore = "restore";
    public const string Delete = "delete";

    // Between taking the lock and scheduling its orchestration a process can be killed, but not take long.
    private static readonly TimeSpan ScheduleGrace = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan DeleteGrace = TimeSpan.FromMinutes(15);

    /// <param name="startedBy">User name; null for the timer.</param>
    public async Task<BackupStartedAnswer> StartAsync(string? startedBy, DurableTaskClient client, CancellationToken cancellationToken)
    {
        var id = await NewIdAsync(client, cancellationToken);
        var instance = BackupId.Plain(id);
        await LockAsync(Copy, id, instance, maintenance: false, client, cancellationToken);
        try
        {
            var record = new BackupRecord
            {
                BackupId = id,
                Status = BackupRecord.InProgress,
                StartedAt = time.GetUtcNow(),
                StartedBy = startedBy,
                EstimatedDurationS = await estimate.SecondsAsync(cancellationToken),
            };
            await store.AddAsync(record, cancellationToken);
            await client.ScheduleNewOrchestrationInstanceAsync(
                nameof(Backup.RunBackup),
                new BackupInput(id, record.StartedAt, options.Value.Parallel, ActivityRetry.Of(options.Value)),
                new StartOrchestrationOptions(instance),
                cancellationToken);
            logger.BackupStarted(id);
            return new BackupStartedAnswer("Backup started", id, record.Status, record.EstimatedDurationS.Value);
        }
        catch
        {
            await store.RemoveAsync(id, CancellationToken.None);
            await store.UnlockAsync(id, instance, CancellationToken.None);
            throw;
        }
    }

    public async Task<BackupListAnswer> ListAsync(DurableTaskClient client, CancellationToken cancellationToken)
    {
        await AdoptAsync(cancellationToken);
        List<BackupAnswer> answers = [];
        foreach (var record in await store.ListAsync(cancellationToken))
        {
            answers.Add(BackupAnswer.Of(record, await ProgressAsync(record, client, cancellationToken)));
        }

        return new BackupListAnswer(answers, answers.Count);
    }

    public async Task<BackupAnswer> GetAsync(string backupId, DurableTaskClient client, CancellationToken cancellationToken)
    {
        var record = await FindAsync(backupId, cancellationToken);
        return BackupAnswer.Of(record, await ProgressAsync(record, client, cancellationToken));
    }

    public async Task<BackupTaskAnswer> VerifyAsync(
        string backupId, string startedBy, DurableTaskClient client, CancellationToken cancellationToken)
    {
        await FindCompletedAsync(backupId, cancellationToken);
        await StartTaskAsync(
            Verify,
            backupId,
            maintenance: false,
            client,
            instance => new TaskRecord
            {
                InstanceId = instance,
                Status = BackupRecord.InProgress,
                StartedAt = time.GetUtcNow(),
                StartedBy = startedBy,
            },
            (record, task) => record with { Verification = task },
            nameof(Verification.RunVerification),
            new VerificationInput(backupId, options.Value.Parallel, ActivityRetry.Of(options.Value)),
            cancellationToken);
        return new BackupTaskAnswer("Verification started", backupId, BackupRecord.InProgress);
    }

    /// <exception cref="StateConflictException">Other work runs that would write meanwhile.</exception>
    public async Task<BackupTaskAnswer> RestoreAsync(
        string backupId, bool overwrite, bool dryRun, string startedBy, DurableTaskClient client, CancellationToken cancellationToken)
    {
        await FindCompletedAsync(backupId, cancellationToken);
        await StartTaskAsync(
            Restore,
            backupId,
            maintenance: !dryRun,
            client,
            instance => new TaskRecord
            {
                InstanceId = instance,
                Status = BackupRecord.InProgress,
                StartedAt = time.GetUtcNow(),
                StartedBy = startedBy,
                Overwrite = overwrite,
                DryRun = dryRun,
            },
            (record, task) => record with { Restore = task },
            nameof(Backups.Restore.RunRestore),
            new RestoreInput(
                backupId, overwrite, dryRun, options.Value.Parallel, options.Value.SettleSeconds, ActivityRetry.Of(options.Value)),
            cancellationToken);
        return new BackupTaskAnswer(dryRun ? "Dry run of restore started" : "Restore started", backupId, BackupRecord.InProgress);
    }

    public async Task<MessageAnswer> DeleteAsync(string backupId, DurableTaskClient client, CancellationToken cancellationToken)
    {
        await FindAsync(backupId, cancellationToken);
        await LockAsync(Delete, backupId, null, maintenance: false, client, cancellationToken);
        try
        {
            var record = await FindAsync(backupId, cancellationToken);
            await retention.DeleteAsync([record], cancellationToken);
            return new MessageAnswer("备份删除成功");
        }
        finally
        {
            await store.UnlockAsync(backupId, null, CancellationToken.None);
        }
    }

    private async Task StartTaskAsync(
        string operation,
        string backupId,
        bool maintenance,
        DurableTaskClient client,
        Func<string, TaskRecord> begin,
        Func<BackupRecord, TaskRecord, BackupRecord> note,
        string orchestrator,
        object input,
        CancellationToken cancellationToken)
    {
        var instance = $"{BackupId.Plain(backupId)}-{operation}-{Guid.NewGuid():N}";
        await LockAsync(operation, backupId, instance, maintenance, client, cancellationToken);
        try
        {
            if (maintenance)
            {
                await RefuseBesideOthersAsync(client);
            }

            // It may have been deleted until the lock was held.
            await FindCompletedAsync(backupId, cancellationToken);
            await store.ChangeAsync(backupId, record => note(record, begin(instance)), cancellationToken);
            await client.ScheduleNewOrchestrationInstanceAsync(
                orchestrator, input, new StartOrchestrationOptions(instance), cancellationToken);
        }
        catch
        {
            await store.UnlockAsync(backupId, instance, CancellationToken.None);
            throw;
        }
    }

    private static async Task RefuseBesideOthersAsync(DurableTaskClient client)
    {
        var live = new OrchestrationQuery(
            Statuses:
            [
                OrchestrationRuntimeStatus.Running, OrchestrationRuntimeStatus.Pending, OrchestrationRuntimeStatus.Suspended,
            ]);
        await foreach (var other in client.GetAllInstancesAsync(live))
        {
            // The orchestration of a backup ends a moment after it gave its lock up.
            if (other.Name is not (nameof(Backup.RunBackup) or nameof(Verification.RunVerification) or nameof(Backups.Restore.RunRestore)))
            {
                throw new StateConflictException(
                    "JOBS_RUNNING", "有任务正在运行，无法恢复", $"{other.Name} {other.InstanceId}: wait for its end or cancel it");
            }
        }
    }

    private async Task LockAsync(
        string operation,
        string backupId,
        string? instance,
        bool maintenance,
        DurableTaskClient client,
        CancellationToken cancellationToken)
    {
        var wanted = new BackupLock(operation, backupId, instance, time.GetUtcNow(), maintenance);
        Document<BackupLock>? abandoned = null;
        while (!await store.TryLockAsync(wanted, abandoned, cancellationToken))
        {
            abandoned = await store.ReadLockAsync(cancellationToken);
            if (abandoned is null)
            {
                continue;
            }

            var held = abandoned.Value;
            if (await IsAliveAsync(held, client, cancellationToken))
            {
                throw new StateConflictException(
                    "BACKUP_BUSY", "备份、校验或恢复正在进行", $"{held.Operation} of {held.BackupId} runs since {held.Since:yyyy-MM-dd'T'HH:mm:ss}");
            }

            logger.BackupAbandoned(held.Operation, held.BackupId);
            await CloseAsync(held, cancellationToken);
        }
    }

    private async Task<bool> IsAliveAsync(BackupLock held, DurableTaskClient client, CancellationToken cancellationToken)
    {
        var age = time.GetUtcNow() - held.Since;
        if (held.InstanceId is null)
        {
            return age < DeleteGrace;
        }

        var orchestration = await client.GetInstanceAsync(held.InstanceId, cancellationToken);
        return orchestration is null ? age < ScheduleGrace : !orchestration.IsCompleted;
    }

    /// <summary>Ends on record what nobody carries on: its orchestration was terminated, purged or never begun.</summary>
    private async Task CloseAsync(BackupLock held, CancellationToken cancellationToken)
    {
        const string Reason = "It was terminated, or the app stopped before it began.";
        if (held.Operation == Copy)
        {
            var name = BackupId.Plain(held.BackupId);
            await documents.EndSnapshotAsync(name, cancellationToken);
            await blobs.ReleaseAsync(name, cancellationToken);
        }

        await store.ChangeAsync(
            held.BackupId,
            record => record with
            {
                Status = record.Status == BackupRecord.InProgress ? BackupRecord.Failed : record.Status,
                Error = record.Status == BackupRecord.InProgress ? Reason : record.Error,
                FinishedAt = record.FinishedAt ?? time.GetUtcNow(),
                Verification = Close(record.Verification),
                Restore = Close(record.Restore),
            },
            cancellationToken);

        TaskRecord? Close(TaskRecord? task) => task is { Status: BackupRecord.InProgress }
            ? task with { Status = BackupRecord.Failed, Error = Reason, FinishedAt = time.GetUtcNow() }
            : task;
    }

    /// <summary>An id that was never given out, though its backup be deleted: its orchestration is remembered.</summary>
    private async Task<string> NewIdAsync(DurableTaskClient client, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        for (var number = 1; ; number++)
        {
            var id = BackupId.Of(now, number);
            if (await store.FindAsync(id, cancellationToken) is null
                && await client.GetInstanceAsync(BackupId.Plain(id), cancellationToken) is null)
            {
                return id;
            }
        }
    }

    private async Task<BackupRecord> FindAsync(string backupId, CancellationToken cancellationToken)
    {
        if (!BackupId.IsValid(backupId))
        {
            throw new NotFoundException("备份不存在");
        }

        if (await store.FindAsync(backupId, cancellationToken) is { } known)
        {
            return known;
        }

        await AdoptAsync(cancellationToken);
        return await store.FindAsync(backupId, cancellationToken) ?? throw new NotFoundException("备份不存在");
    }

    private async Task<BackupRecord> FindCompletedAsync(string backupId, CancellationToken cancellationToken)
    {
        var record = await FindAsync(backupId, cancellationToken);
        return record.Status == BackupRecord.Completed
            ? record
            : throw new StateConflictException("BACKUP_NOT_COMPLETED", "备份未完成", $"{backupId} is {record.Status}");
    }

    /// <summary>Puts on record what lies in the container without one: the deployment is new, and the container came from another.</summary>
    private async Task AdoptAsync(CancellationToken cancellationToken)
    {
        foreach (var id in await archive.ManifestsAsync(cancellationToken))
        {
            if (await store.FindAsync(id, cancellationToken) is not null)
            {
                continue;
            }

            var record = new BackupRecord { BackupId = id, Status = BackupRecord.Completed, StartedAt = BackupId.StartOf(id) };
            try
            {
                var (manifest, sha256) = await archive.ReadManifestAsync(id, null, cancellationToken);
                record = record with
                {
                    StartedAt = manifest.StartedAt,
                    FinishedAt = manifest.FinishedAt,
                    ManifestSha256 = sha256,
                    Totals = manifest.Totals,
                    Missing = manifest.Missing.Count,
                };
            }
            catch (DamagedBackupException exception)
            {
                record = record with { Status = BackupRecord.Failed, FinishedAt = time.GetUtcNow(), Error = exception.Message };
            }

            await store.AddAsync(record, cancellationToken);
        }
    }

    private static async Task<BackupProgress?> ProgressAsync(
        BackupRecord record, DurableTaskClient client, CancellationToken cancellationToken)
    {
        var instance = record switch
        {
            { Status: BackupRecord.InProgress } => BackupId.Plain(record.BackupId),
            { Restore: { Status: BackupRecord.InProgress, InstanceId: var restore } } => restore,
            { Verification: { Status: BackupRecord.InProgress, InstanceId: var verification } } => verification,
            _ => null,
        };
        if (instance is null)
        {
            return null;
        }

        var orchestration = await client.GetInstanceAsync(instance, getInputsAndOutputs: true, cancellationToken);
        return orchestration?.SerializedCustomStatus is null ? null : orchestration.ReadCustomStatusAs<BackupProgress>();
    }
}
