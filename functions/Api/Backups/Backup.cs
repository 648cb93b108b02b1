using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TumorFunctions.Core.Segmentation;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Backups;

/// <summary>
/// Copies every document, blob and uploaded model into the container of the backups while writes go on.
/// <para>
/// What it promises. Documents are those of one moment where the store can fix one, else as <see cref="IDocumentExport"/> says. Blobs
/// are held before the documents are fixed and listed after, so every blob that a copied document names is in the backup, in the version
/// that it named; a few that were just being deleted may be in it too, which nothing names, and are swept after a restore. Uploaded
/// models are copied as they are when their turn comes: one that is replaced meanwhile comes in its new version. Previews and other
/// files that could be made again are copied like all others, since records name them. User accounts are in it with their password
/// hashes; the signing key is not, and neither are the records of backups nor the histories of orchestrations.
/// </para>
/// </summary>
public sealed partial class Backup(
    BackupStore store,
    BackupArchive archive,
    IDocumentExport documents,
    IBlobExport blobs,
    IBlobStore blobStore,
    ModelRegistry models,
    BackupRetention retention,
    BackupAudit audit,
    IOptions<BackupOptions> options,
    TimeProvider time,
    ILogger<Backup> logger);

/// <param name="Parallel">Parts copied side by side.</param>
public sealed record BackupInput(string BackupId, DateTimeOffset StartedAt, int Parallel, ActivityRetry Retry);

/// <summary>A retry policy that an orchestration carries with it, so that a replay does as it did.</summary>
public sealed record ActivityRetry(int MaxAttempts, double FirstSeconds)
{
    public static ActivityRetry Of(BackupOptions options) => new(options.MaxAttempts, options.RetrySeconds);

    public TaskOptions ToOptions() => TaskOptions.FromRetryPolicy(
        new RetryPolicy(MaxAttempts, TimeSpan.FromSeconds(FirstSeconds), backoffCoefficient: 2));
}

/// <summary>How far work is, as its orchestration's custom status.</summary>
/// <param name="Done">Items (documents, blobs, models), and <paramref name="Total"/> of them; it never falls.</param>
public sealed record BackupProgress(string Step, long Done, long? Total);

/// <summary>What was fixed at the start.</summary>
/// <param name="Previous">The backup whose contents need not be read again; null where there is none.</param>
public sealed record BackupSnapshot(
    DateTimeOffset AsOf, bool IsPointInTime, IReadOnlyList<string> Containers, long? Documents, string? Previous);

public sealed record DocumentsInput(string BackupId, string Container, string? Continuation, int Number);

/// <param name="Part">Null where there was nothing (more).</param>
public sealed record DocumentsCopied(BackupPart? Part, string? Continuation);

public sealed record BlobPlanInput(string BackupId, DateTimeOffset? AsOf);

/// <param name="Parts">Lists of blobs, one a part.</param>
public sealed record BlobPlan(IReadOnlyList<BackupPart> Parts, IReadOnlyList<string> Models)
{
    public long Items => Parts.Sum(part => (long)part.Items) + Models.Count;
}

public sealed record BlobsInput(string BackupId, string? Previous, BackupPart Plan, int Number);

public sealed record BlobsCopied(BackupPart Part, IReadOnlyList<string> Missing);

public sealed record ModelInput(string BackupId, string Name);

public sealed record FailedBackup(string BackupId, string Reason);
