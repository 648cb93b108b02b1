using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace TumorFunctions.Api.Backups;

public sealed partial class Backup
{
    [Function(nameof(RunBackup))]
    public static async Task RunBackup([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var input = context.GetInput<BackupInput>()!;
        var retry = input.Retry.ToOptions();
        try
        {
            await CopyAllAsync(context, input, retry);
        }
        catch (TaskFailedException exception)
        {
            await context.CallActivityAsync(
                nameof(FailBackup), new FailedBackup(input.BackupId, exception.FailureDetails.ErrorMessage), retry);
            return;
        }

        try
        {
            await context.CallActivityAsync(nameof(ApplyRetention), input.BackupId, retry);
        }
        catch (TaskFailedException)
        {
            // The backup is good; the next one tries again, and the activity has logged why.
        }

        await context.CallActivityAsync(nameof(CompleteBackup), input.BackupId, retry);
    }

    private static async Task CopyAllAsync(TaskOrchestrationContext context, BackupInput input, TaskOptions retry)
    {
        var id = input.BackupId;
        context.SetCustomStatus(new BackupProgress("创建快照", 0, null));
        var snapshot = await context.CallActivityAsync<BackupSnapshot>(nameof(TakeSnapshot), id, retry);

        List<BackupPart> documentParts = [];
        long done = 0;
        foreach (var container in snapshot.Containers)
        {
            string? continuation = null;
            do
            {
                context.SetCustomStatus(new BackupProgress("复制文档", done, null));
                var copied = await context.CallActivityAsync<DocumentsCopied>(
                    nameof(CopyDocuments), new DocumentsInput(id, container, continuation, documentParts.Count), retry);
                if (copied.Part is { } part)
                {
                    documentParts.Add(part);
                    done += part.Items;
                }

                continuation = copied.Continuation;
            }
            while (continuation is not null);
        }

        var plan = await context.CallActivityAsync<BlobPlan>(
            nameof(PlanBlobs), new BlobPlanInput(id, snapshot.IsPointInTime ? snapshot.AsOf : null), retry);
        var total = done + plan.Items;
        List<BlobsCopied> blobParts = [];
        foreach (var batch in plan.Parts.Index().Chunk(input.Parallel))
        {
            context.SetCustomStatus(new BackupProgress("复制影像文件", done, total));
            blobParts.AddRange(await Task.WhenAll(batch.Select(part => context.CallActivityAsync<BlobsCopied>(
                nameof(CopyBlobs), new BlobsInput(id, snapshot.Previous, part.Item, part.Index), retry))));
            done += batch.Sum(part => part.Item.Items);
        }

        List<BackupModel> modelsCopied = [];
        foreach (var model in plan.Models)
        {
            context.SetCustomStatus(new BackupProgress("复制模型", done++, total));
            if (await context.CallActivityAsync<BackupModel?>(nameof(CopyModel), new ModelInput(id, model), retry) is { } copied)
            {
                modelsCopied.Add(copied);
            }
        }

        context.SetCustomStatus(new BackupProgress("写入清单", done, total));
        var manifest = new BackupManifest
        {
            FormatVersion = BackupManifest.CurrentFormat,
            BackupId = id,
            StartedAt = input.StartedAt,
            AsOf = snapshot.AsOf,
            IsPointInTime = snapshot.IsPointInTime,
            FinishedAt = context.CurrentUtcDateTime,
            Documents = documentParts,
            Blobs = [.. blobParts.Select(copied => copied.Part)],
            Models = modelsCopied,
            Missing = [.. blobParts.SelectMany(copied => copied.Missing)],
        };
        await context.CallActivityAsync(nameof(SealBackup), manifest, retry);
    }
}
