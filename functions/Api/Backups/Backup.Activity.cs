using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using TumorFunctions.Api.Segmentation;
using TumorFunctions.Core.Segmentation;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Backups;

// Every activity may run twice: it writes the same again, or over what the first attempt left.
public sealed partial class Backup
{
    [Function(nameof(TakeSnapshot))]
    public async Task<BackupSnapshot> TakeSnapshot([ActivityTrigger] string backupId, CancellationToken cancellationToken)
    {
        // Held before the documents are fixed: what they name can no longer go.
        var name = BackupId.Plain(backupId);
        await blobs.HoldAsync(name, cancellationToken);
        var snapshot = await documents.BeginSnapshotAsync(name, cancellationToken);
        var earlier = await store.ListAsync(cancellationToken);
        return new BackupSnapshot(
            snapshot.TakenAt,
            snapshot.IsPointInTime,
            [.. snapshot.Containers.Where(container => container != BackupStore.Container).Order(StringComparer.Ordinal)],
            snapshot.Documents,
            earlier.FirstOrDefault(record => record.Status == BackupRecord.Completed)?.BackupId);
    }

    [Function(nameof(CopyDocuments))]
    public async Task<DocumentsCopied> CopyDocuments([ActivityTrigger] DocumentsInput input, CancellationToken cancellationToken)
    {
        List<DocumentLine> lines = [];
        long bytes = 0;
        var continuation = input.Continuation;
        do
        {
            var page = await documents.ReadSnapshotAsync(
                BackupId.Plain(input.BackupId), input.Container, continuation, cancellationToken);
            foreach (var document in page.Documents)
            {
                using var body = JsonDocument.Parse(document.Json);
                bytes += document.Json.Length;
                lines.Add(new DocumentLine(
                    input.Container, document.Address.PartitionKey, document.Address.Id, document.ChangedAt, body.RootElement.Clone()));
            }

            continuation = page.Continuation;
        }
        while (continuation is not null && bytes < options.Value.DocumentBytesPerPart);

        return lines.Count == 0
            ? new DocumentsCopied(null, continuation)
            : new DocumentsCopied(
                await archive.WritePartAsync(
                    BackupArchive.DocumentPart(input.BackupId, input.Number), lines, bytes, bytes, cancellationToken),
                continuation);
    }

    [Function(nameof(PlanBlobs))]
    public async Task<BlobPlan> PlanBlobs([ActivityTrigger] BlobPlanInput input, CancellationToken cancellationToken)
    {
        List<BackupPart> parts = [];
        List<BlobProperties> lines = [];
        long bytes = 0;
        var asOf = input.AsOf ?? time.GetUtcNow();
        await foreach (var blob in blobs.ListHeldAsync(BackupId.Plain(input.BackupId), asOf, cancellationToken))
        {
            if (blob.Address.Container is BackupArchive.Container or JobScratch.Container)
            {
                continue;
            }

            lines.Add(blob);
            bytes += blob.Length;
            if (lines.Count >= options.Value.BlobsPerPart || bytes >= options.Value.BytesPerPart)
            {
                await FlushAsync();
            }
        }

        if (lines.Count > 0)
        {
            await FlushAsync();
        }

        return new BlobPlan(parts, [.. models.Names.Where(name => models.Find(name).IsUploaded)]);

        async Task FlushAsync()
        {
            var name = BackupArchive.PlanPart(input.BackupId, parts.Count);
            parts.Add(await archive.WritePartAsync(name, lines, bytes, 0, cancellationToken));
            lines.Clear();
            bytes = 0;
        }
    }

    [Function(nameof(CopyBlobs))]
    public async Task<BlobsCopied> CopyBlobs([ActivityTrigger] BlobsInput input, CancellationToken cancellationToken)
    {
        var planned = await archive.ReadPartAsync<BlobProperties>(input.Plan, cancellationToken);
        var known = input.Previous is null
            ? KnownContents.None
            : await KnownContents.ReadAsync(archive, input.Previous, ItemOf(planned[0]), ItemOf(planned[^1]), logger, cancellationToken);
        var damaged = await archive.DamagedAsync(cancellationToken);
        List<BlobLine> lines = new(planned.Count);
        List<string> missing = [];
        long bytes = 0;
        long newBytes = 0;
        foreach (var blob in planned)
        {
            if (known.Find(blob) is not { } sha256
                || damaged.Contains(sha256)
                || !await archive.HasAsync(sha256, blob.Length, cancellationToken))
            {
                if (await KeepAsync(blob, damaged, cancellationToken) is not { } kept)
                {
                    missing.Add(ItemOf(blob));
                    continue;
                }

                sha256 = kept.Sha256;
                newBytes += kept.IsNew ? blob.Length : 0;
            }

            bytes += blob.Length;
            lines.Add(new BlobLine(
                blob.Address.Container,
                blob.Address.Name,
                blob.ETag,
                blob.Length,
                blob.ContentType,
                blob.LastModified,
                blob.Metadata,
                sha256));
        }

        var part = await archive.WritePartAsync(
            BackupArchive.BlobPart(input.BackupId, input.Number), lines, bytes, newBytes, cancellationToken);
        return new BlobsCopied(part with { First = ItemOf(planned[0]), Last = ItemOf(planned[^1]) }, missing);
    }

    /// <summary>Null where the model was deleted meanwhile.</summary>
    [Function(nameof(CopyModel))]
    public async Task<BackupModel?> CopyModel([ActivityTrigger] ModelInput input, CancellationToken cancellationToken)
    {
        ModelFile file;
        try
        {
            file = models.Find(input.Name);
        }
        catch (ModelException exception) when (exception.Fault == ModelFault.NotFound)
        {
            return null;
        }

        var damaged = await archive.DamagedAsync(cancellationToken);
        await using var model = File.OpenRead(file.Path);
        var length = model.Length;
        var (sha256, isNew) = await archive.KeepAsync(model, damaged, cancellationToken);
        var cardPath = Path.ChangeExtension(file.Path, ".json");
        string? cardSha256 = null;
        long cardLength = 0;
        if (File.Exists(cardPath))
        {
            await using var card = File.OpenRead(cardPath);
            cardLength = card.Length;
            (cardSha256, _) = await archive.KeepAsync(card, damaged, cancellationToken);
        }

        return new BackupModel(
            file.Name, sha256, length, cardSha256, cardLength, File.GetLastWriteTimeUtc(file.Path), isNew ? length : 0);
    }

    [Function(nameof(SealBackup))]
    public async Task SealBackup([ActivityTrigger] BackupManifest manifest, CancellationToken cancellationToken)
    {
        var sha256 = await archive.WriteManifestAsync(manifest, cancellationToken);
        await LetGoAsync(manifest.BackupId, cancellationToken);
        await archive.DeletePlanAsync(manifest.BackupId, cancellationToken);
        var capacity = await blobStore.GetCapacityAsync(cancellationToken);
        await store.ChangeAsync(
            manifest.BackupId,
            record => record with
            {
                ManifestSha256 = sha256,
                Totals = manifest.Totals,
                Missing = manifest.Missing.Count,
                StoreBytes = capacity.UsedBytes,
            },
            cancellationToken);
    }

    [Function(nameof(ApplyRetention))]
    public async Task ApplyRetention([ActivityTrigger] string backupId, CancellationToken cancellationToken)
    {
        try
        {
            await retention.ApplyAsync(backupId, cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            logger.RetentionFailed(exception);
            throw;
        }
    }

    [Function(nameof(CompleteBackup))]
    public async Task CompleteBackup([ActivityTrigger] string backupId, CancellationToken cancellationToken)
    {
        await audit.EndedAsync(BackupService.Copy, backupId, BackupId.Plain(backupId), null, cancellationToken);

        // The lock first: who sees that the backup is done may start the next.
        await store.UnlockAsync(backupId, BackupId.Plain(backupId), cancellationToken);
        await store.ChangeAsync(
            backupId,
            record => record with { Status = BackupRecord.Completed, FinishedAt = record.FinishedAt ?? time.GetUtcNow() },
            cancellationToken);
        logger.BackupCompleted(backupId);
    }

    /// <summary>Takes the backup back. Contents that were stored stay for the next one, which need not copy them again.</summary>
    [Function(nameof(FailBackup))]
    public async Task FailBackup([ActivityTrigger] FailedBackup input, CancellationToken cancellationToken)
    {
        await LetGoAsync(input.BackupId, cancellationToken);
        await archive.DeleteAsync(input.BackupId, cancellationToken);
        await audit.EndedAsync(BackupService.Copy, input.BackupId, BackupId.Plain(input.BackupId), input.Reason, cancellationToken);
        await store.UnlockAsync(input.BackupId, BackupId.Plain(input.BackupId), cancellationToken);
        await store.ChangeAsync(
            input.BackupId,
            record => record with
            {
                Status = BackupRecord.Failed,
                Error = input.Reason,
                ManifestSha256 = null,
                FinishedAt = record.FinishedAt ?? time.GetUtcNow(),
            },
            cancellationToken);
        logger.BackupFailed(input.BackupId, input.Reason);
    }

    private async Task LetGoAsync(string backupId, CancellationToken cancellationToken)
    {
        var name = BackupId.Plain(backupId);
        await documents.EndSnapshotAsync(name, cancellationToken);
        await blobs.ReleaseAsync(name, cancellationToken);
    }

    /// <summary>Null where the store has lost the content: a power cut takes what was never flushed.</summary>
    private async Task<(string Sha256, bool IsNew)?> KeepAsync(
        BlobProperties blob, IReadOnlySet<string> damaged, CancellationToken cancellationToken)
    {
        try
        {
            await using var content = await blobs.OpenHeldAsync(blob.Address, blob.ETag, cancellationToken);
            return content.Length == blob.Length ? await archive.KeepAsync(content, damaged, cancellationToken) : null;
        }
        catch (BlobNotFoundException)
        {
            return null;
        }
    }

    private static string ItemOf(BlobProperties blob) => $"{blob.Address.Container}/{blob.Address.Name}";
}
