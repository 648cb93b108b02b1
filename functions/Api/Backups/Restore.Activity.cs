using System.Text.Json;
using Microsoft.Azure.Functions.Worker;
using TumorFunctions.Api.Admin;
using TumorFunctions.Api.Users;
using TumorFunctions.Core.Segmentation;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Backups;

public sealed partial class Restore
{
    private const int MaxTries = 16;

    private enum Outcome
    {
        Written,
        Same,
        KeptNewer,
    }

    [Function(nameof(IsTargetEmpty))]
    public async Task<bool> IsTargetEmpty([ActivityTrigger] string backupId, CancellationToken cancellationToken)
    {
        var accounts = await documentStore.CountAsync(
            UserStore.Container,
            UserStore.Container,
            new DocumentQuery { Filters = [new DocumentFilter.Equal("kind", UserRecord.DocumentKind)] },
            cancellationToken);
        return accounts <= 1 && (await statistics.TotalsAsync(cancellationToken)).Images == 0;
    }

    [Function(nameof(RestoreDocuments))]
    public async Task<RestoredPart> RestoreDocuments([ActivityTrigger] RestorePartInput input, CancellationToken cancellationToken)
    {
        var manifest = await ManifestAsync(input.Part, cancellationToken);
        var tally = new Tally();
        foreach (var line in await archive.ReadPartAsync<DocumentLine>(manifest.Documents[input.Part.Number], cancellationToken))
        {
            tally.Add(await RestoreAsync(line, input, cancellationToken));
        }

        return new RestoredPart(tally.Totals, null);
    }

    [Function(nameof(RestoreBlobs))]
    public async Task<RestoredPart> RestoreBlobs([ActivityTrigger] RestorePartInput input, CancellationToken cancellationToken)
    {
        var manifest = await ManifestAsync(input.Part, cancellationToken);
        var tally = new Tally();
        foreach (var line in await archive.ReadPartAsync<BlobLine>(manifest.Blobs[input.Part.Number], cancellationToken))
        {
            tally.Add(await RestoreAsync(line, input, cancellationToken));
        }

        return new RestoredPart(tally.Totals, null);
    }

    /// <summary>A model is tried out like an upload: what a backup container holds is no more trusted than a stranger's file.</summary>
    [Function(nameof(RestoreModel))]
    public async Task<RestoredPart> RestoreModel([ActivityTrigger] RestorePartInput input, CancellationToken cancellationToken)
    {
        var manifest = await ManifestAsync(input.Part, cancellationToken);
        var model = manifest.Models[input.Part.Number];
        var tally = new Tally();
        try
        {
            tally.Add(await RestoreAsync(model, input, cancellationToken));
            return new RestoredPart(tally.Totals, null);
        }
        catch (ModelException exception)
        {
            return new RestoredPart(tally.Totals, new BackupProblem($"models/{model.Name}", exception.Reason));
        }
    }

    /// <summary>What follows from the records is made to follow again.</summary>
    /// <returns>Accounts that lost their name or address to another meanwhile.</returns>
    [Function(nameof(RefreshAfterRestore))]
    public async Task<IReadOnlyList<BackupProblem>> RefreshAfterRestore(
        [ActivityTrigger] string backupId, CancellationToken cancellationToken)
    {
        var conflicts = await users.ReconcileAsync(cancellationToken);
        await statistics.RecountAsync(cancellationToken);
        await ActivateModelAsync(cancellationToken);
        return [.. conflicts.Select(conflict => new BackupProblem($"users/{conflict.UserId}", conflict.Reason))];
    }

    [Function(nameof(EndRestore))]
    public async Task EndRestore([ActivityTrigger] EndedRestore input, CancellationToken cancellationToken)
    {
        await audit.EndedAsync(BackupService.Restore, input.BackupId, input.InstanceId, input.Error, cancellationToken);
        await store.UnlockAsync(input.BackupId, input.InstanceId, cancellationToken);
        var status = input.Error is null ? BackupRecord.Completed : BackupRecord.Failed;
        await store.ChangeAsync(
            input.BackupId,
            record => record with
            {
                Restore = record.Restore is { } begun && begun.InstanceId == input.InstanceId
                    ? begun with
                    {
                        Status = status,
                        FinishedAt = begun.FinishedAt ?? time.GetUtcNow(),
                        Error = input.Error,
                        Checked = input.Verified.Checked,
                        ProblemCount = input.Verified.ProblemCount,
                        Problems = input.Verified.Problems,
                        Restored = input.Restored,
                    }
                    : record.Restore,
            },
            cancellationToken);
        logger.BackupTaskEnded(
            BackupService.Restore, input.BackupId, status, input.Verified.Checked, input.Verified.ProblemCount);
    }

    private async Task ActivateModelAsync(CancellationToken cancellationToken)
    {
        var active = new DocumentAddress(RequestCounter.Container, "settings", "active_model");
        if (await documentStore.ReadAsync<ActiveName>(active, cancellationToken) is not { Value.Model: { } name })
        {
            return;
        }

        try
        {
            await activeModel.ActivateAsync(name, cancellationToken);
        }
        catch (ModelException exception)
        {
            logger.ModelNotLoaded(exception, name);
        }
    }

    private async Task<Outcome> RestoreAsync(DocumentLine line, RestorePartInput input, CancellationToken cancellationToken)
    {
        var address = new DocumentAddress(line.Container, line.PartitionKey, line.Id);
        for (var attempt = 1; ; attempt++)
        {
            var current = await documents.ReadStoredAsync(address, cancellationToken);
            var body = JsonSerializer.SerializeToUtf8Bytes(line.Body, BackupArchive.Json);
            if (current is not null)
            {
                using var there = JsonDocument.Parse(current.Json);
                if (IdCounter.Of(line.Body) is { } counted && IdCounter.Of(there.RootElement) is { } given)
                {
                    if (given >= counted)
                    {
                        return Outcome.Same;
                    }
                }
                else if (JsonElement.DeepEquals(there.RootElement, line.Body))
                {
                    return Outcome.Same;
                }
                else if (!input.TakeAll && current.ChangedAt > line.ChangedAt)
                {
                    return Outcome.KeptNewer;
                }
            }

            if (input.DryRun)
            {
                return Outcome.Written;
            }

            try
            {
                await documents.WriteStoredAsync(address, body, current?.ETag, cancellationToken);
                return Outcome.Written;
            }
            catch (StorageException exception) when (attempt < MaxTries && exception is
                DocumentConflictException or DocumentNotFoundException or DocumentPreconditionException)
            {
            }
        }
    }

    private async Task<Outcome> RestoreAsync(BlobLine line, RestorePartInput input, CancellationToken cancellationToken)
    {
        var address = new BlobAddress(line.Container, line.Name);
        if (await blobs.GetPropertiesAsync(address, cancellationToken) is { } current)
        {
            if (current.Length == line.Length && await HasContentAsync(address, line.Sha256, cancellationToken))
            {
                return Outcome.Same;
            }

            if (!input.TakeAll && current.LastModified > line.LastModified)
            {
                return Outcome.KeptNewer;
            }
        }

        if (!input.DryRun)
        {
            await using var content = await archive.OpenContentAsync(line.Sha256, line.Length, cancellationToken);
            await blobs.WriteAsync(
                address,
                content,
                new BlobWriteOptions { ContentType = line.ContentType, Metadata = line.Metadata, Overwrite = true },
                cancellationToken);
        }

        return Outcome.Written;
    }

    private async Task<Outcome> RestoreAsync(BackupModel model, RestorePartInput input, CancellationToken cancellationToken)
    {
        if (models.Names.FirstOrDefault(name => name.Equals(model.Name, StringComparison.OrdinalIgnoreCase)) is { } known)
        {
            var current = models.Find(known);
            await using (var file = File.OpenRead(current.Path))
            {
                if (file.Length == model.Length && await BackupArchive.HashAsync(file, cancellationToken) == model.Sha256)
                {
                    return Outcome.Same;
                }
            }

            // One that came with a newer app goes before the upload of that name, as it does when somebody uploads.
            if (!current.IsUploaded || (!input.TakeAll && File.GetLastWriteTimeUtc(current.Path) > model.UploadedAt.UtcDateTime))
            {
                return Outcome.KeptNewer;
            }
        }

        if (!input.DryRun)
        {
            using var staged = models.Stage();
            await using (var content = await archive.OpenContentAsync(model.Sha256, model.Length, cancellationToken))
            {
                await staged.WriteModelAsync(content, cancellationToken);
            }

            if (model.CardSha256 is { } sha256)
            {
                using var card = new StreamReader(await archive.OpenContentAsync(sha256, model.CardLength, cancellationToken));
                await staged.WriteCardAsync(await card.ReadToEndAsync(cancellationToken), cancellationToken);
            }

            await models.AddAsync(staged, model.Name, overwrite: true, cancellationToken);
        }

        return Outcome.Written;
    }

    private async Task<bool> HasContentAsync(BlobAddress address, string sha256, CancellationToken cancellationToken)
    {
        try
        {
            await using var content = await blobs.OpenReadAsync(address, cancellationToken);
            return await BackupArchive.HashAsync(content.Stream, cancellationToken) == sha256;
        }
        catch (BlobNotFoundException)
        {
            return false;
        }
    }

    private async Task<BackupManifest> ManifestAsync(PartInput part, CancellationToken cancellationToken) =>
        (await archive.ReadManifestAsync(part.BackupId, part.ManifestSha256, cancellationToken)).Manifest;

    private sealed class Tally
    {
        private readonly long[] _counts = new long[3];

        public RestoreTotals Totals => new(
            _counts[(int)Outcome.Written], _counts[(int)Outcome.Same], _counts[(int)Outcome.KeptNewer]);

        public void Add(Outcome outcome) => _counts[(int)outcome]++;
    }

    private sealed record ActiveName(string? Model);
}
