using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Backups;

/// <summary>
/// Reads a backup through, every file and every content, recomputes the hashes and names all that is missing, changed or not possible.
/// Damaged contents are marked, so that the next backup stores them anew. A restore begins with the same and writes nothing where
/// there is a problem.
/// </summary>
public sealed class Verification(
    BackupStore store,
    BackupArchive archive,
    IDocumentExport documents,
    IBlobStore blobs,
    BackupAudit audit,
    TimeProvider time,
    ILogger<Verification> logger)
{
    private const int MaxProblems = 100;
    private const int MaxMetadataLength = 8192;

    [Function(nameof(RunVerification))]
    public static async Task RunVerification([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var input = context.GetInput<VerificationInput>()!;
        var retry = input.Retry.ToOptions();
        VerifiedPart found;
        string? error = null;
        try
        {
            var plan = await context.CallActivityAsync<VerificationPlan>(nameof(ReadPlan), input.BackupId, retry);
            found = await VerifyAllAsync(context, input.BackupId, plan, input.Parallel, retry);
        }
        catch (TaskFailedException exception)
        {
            (found, error) = (new VerifiedPart(0, 0, []), exception.FailureDetails.ErrorMessage);
        }

        await context.CallActivityAsync(
            nameof(EndVerification), new EndedVerification(input.BackupId, context.InstanceId, found, error), retry);
    }

    /// <summary>All parts of a plan, some side by side; for orchestrators.</summary>
    public static async Task<VerifiedPart> VerifyAllAsync(
        TaskOrchestrationContext context, string backupId, VerificationPlan plan, int parallel, TaskOptions retry)
    {
        var found = plan.Problem is { } problem ? new VerifiedPart(1, 1, [problem]) : new VerifiedPart(0, 0, []);
        foreach (var batch in plan.Parts(backupId).Chunk(parallel))
        {
            context.SetCustomStatus(new BackupProgress("校验备份", found.Checked, plan.Items));
            foreach (var part in await Task.WhenAll(batch.Select(input =>
                context.CallActivityAsync<VerifiedPart>(nameof(VerifyPart), input, retry))))
            {
                found = found.And(part, MaxProblems);
            }
        }

        context.SetCustomStatus(new BackupProgress("校验备份", found.Checked, plan.Items));
        return found;
    }

    [Function(nameof(ReadPlan))]
    public async Task<VerificationPlan> ReadPlan([ActivityTrigger] string backupId, CancellationToken cancellationToken)
    {
        var record = await store.FindAsync(backupId, cancellationToken);
        try
        {
            var (manifest, sha256) = await archive.ReadManifestAsync(backupId, record?.ManifestSha256, cancellationToken);
            return new VerificationPlan(
                sha256, manifest.Documents.Count, manifest.Blobs.Count, manifest.Models.Count, manifest.Totals.Items, null);
        }
        catch (DamagedBackupException exception)
        {
            return new VerificationPlan("", 0, 0, 0, 0, new BackupProblem(exception.Item, exception.Reason));
        }
    }

    [Function(nameof(VerifyPart))]
    public async Task<VerifiedPart> VerifyPart([ActivityTrigger] PartInput input, CancellationToken cancellationToken)
    {
        var (manifest, _) = await archive.ReadManifestAsync(input.BackupId, input.ManifestSha256, cancellationToken);
        var problems = new ProblemList(MaxProblems);
        long items = 0;
        try
        {
            items = input.Kind switch
            {
                PartKind.Documents => await VerifyDocumentsAsync(manifest.Documents[input.Number], problems, cancellationToken),
                PartKind.Blobs => await VerifyBlobsAsync(manifest.Blobs[input.Number], problems, cancellationToken),
                _ => await VerifyModelAsync(manifest.Models[input.Number], problems, cancellationToken),
            };
        }
        catch (DamagedBackupException exception)
        {
            problems.Add(exception.Item, exception.Reason);
        }

        return new VerifiedPart(items, problems.Count, problems.First);
    }

    [Function(nameof(EndVerification))]
    public async Task EndVerification([ActivityTrigger] EndedVerification input, CancellationToken cancellationToken)
    {
        await audit.EndedAsync(BackupService.Verify, input.BackupId, input.InstanceId, input.Error, cancellationToken);
        await store.UnlockAsync(input.BackupId, input.InstanceId, cancellationToken);
        var status = input.Error is null ? BackupRecord.Completed : BackupRecord.Failed;
        await store.ChangeAsync(
            input.BackupId,
            record => record with
            {
                Verification = record.Verification is { } begun && begun.InstanceId == input.InstanceId
                    ? begun with
                    {
                        Status = status,
                        FinishedAt = begun.FinishedAt ?? time.GetUtcNow(),
                        Error = input.Error,
                        Checked = input.Found.Checked,
                        ProblemCount = input.Found.ProblemCount,
                        Problems = input.Found.Problems,
                    }
                    : record.Verification,
            },
            cancellationToken);
        logger.BackupTaskEnded(BackupService.Verify, input.BackupId, status, input.Found.Checked, input.Found.ProblemCount);
    }

    private async Task<long> VerifyDocumentsAsync(BackupPart part, ProblemList problems, CancellationToken cancellationToken)
    {
        var lines = await archive.ReadPartAsync<DocumentLine>(part, cancellationToken);
        foreach (var line in lines)
        {
            try
            {
                if (line.Container == BackupStore.Container || line.Body.ValueKind != System.Text.Json.JsonValueKind.Object)
                {
                    problems.Add(line.Item, "no document that a backup holds");
                    continue;
                }

                // Refuses addresses that the store does not take, without a write.
                await documents.ReadStoredAsync(new DocumentAddress(line.Container, line.PartitionKey, line.Id), cancellationToken);
            }
            catch (StorageAddressException exception)
            {
                problems.Add(line.Item, exception.Message);
            }
        }

        return lines.Count;
    }

    private async Task<long> VerifyBlobsAsync(BackupPart part, ProblemList problems, CancellationToken cancellationToken)
    {
        var lines = await archive.ReadPartAsync<BlobLine>(part, cancellationToken);
        foreach (var line in lines)
        {
            try
            {
                if (line.Container == BackupArchive.Container || !BackupManifest.IsSha256(line.Sha256) || !IsWritable(line))
                {
                    problems.Add(line.Item, "no blob that a backup holds");
                    continue;
                }

                await blobs.GetPropertiesAsync(new BlobAddress(line.Container, line.Name), cancellationToken);
                await archive.VerifyContentAsync(line.Sha256, line.Length, cancellationToken);
            }
            catch (DamagedBackupException exception)
            {
                problems.Add(line.Item, exception.Message);
            }
            catch (StorageAddressException exception)
            {
                problems.Add(line.Item, exception.Message);
            }
        }

        return lines.Count;
    }

    private async Task<long> VerifyModelAsync(BackupModel model, ProblemList problems, CancellationToken cancellationToken)
    {
        try
        {
            await archive.VerifyContentAsync(model.Sha256, model.Length, cancellationToken);
            if (model.CardSha256 is { } card)
            {
                await archive.VerifyContentAsync(card, model.CardLength, cancellationToken);
            }
        }
        catch (DamagedBackupException exception)
        {
            problems.Add($"models/{model.Name}", exception.Message);
        }

        return 1;
    }

    private static bool IsWritable(BlobLine line) =>
        line.ContentType is { Length: >= 1 and <= 255 } type && IsPrintable(type)
        && line.Metadata is not null
        && line.Metadata.Sum(pair => pair.Key.Length + (long)(pair.Value?.Length ?? MaxMetadataLength)) <= MaxMetadataLength
        && line.Metadata.All(pair => IsPrintable(pair.Key) && IsPrintable(pair.Value));

    private static bool IsPrintable(string text) => !text.AsSpan().ContainsAnyExceptInRange(' ', '~');

    private sealed class ProblemList(int max)
    {
        private readonly List<BackupProblem> _first = [];

        public int Count { get; private set; }

        public IReadOnlyList<BackupProblem> First => _first;

        public void Add(string item, string reason)
        {
            if (Count++ < max)
            {
                _first.Add(new BackupProblem(item, reason));
            }
        }
    }
}

public sealed record VerificationInput(string BackupId, int Parallel, ActivityRetry Retry);

public sealed record EndedVerification(string BackupId, string InstanceId, VerifiedPart Found, string? Error);

/// <param name="ManifestSha256">What the manifest must still be when a part is worked on.</param>
/// <param name="Problem">Why there is no manifest to work by; null where there is one.</param>
public sealed record VerificationPlan(
    string ManifestSha256, int DocumentParts, int BlobParts, int Models, long Items, BackupProblem? Problem)
{
    public IEnumerable<PartInput> Parts(string backupId) =>
    [
        .. Parts(backupId, PartKind.Documents),
        .. Parts(backupId, PartKind.Blobs),
        .. Parts(backupId, PartKind.Model),
    ];

    public IEnumerable<PartInput> Parts(string backupId, PartKind kind)
    {
        var count = kind switch
        {
            PartKind.Documents => DocumentParts,
            PartKind.Blobs => BlobParts,
            _ => Models,
        };
        return Enumerable.Range(0, count).Select(number => new PartInput(backupId, ManifestSha256, kind, number));
    }
}

public enum PartKind
{
    Documents,
    Blobs,
    Model,
}

public sealed record PartInput(string BackupId, string ManifestSha256, PartKind Kind, int Number);

/// <param name="Problems">The first of them.</param>
public sealed record VerifiedPart(long Checked, long ProblemCount, IReadOnlyList<BackupProblem> Problems)
{
    public VerifiedPart And(VerifiedPart other, int maxProblems) => new(
        Checked + other.Checked, ProblemCount + other.ProblemCount, [.. Problems.Concat(other.Problems).Take(maxProblems)]);
}
