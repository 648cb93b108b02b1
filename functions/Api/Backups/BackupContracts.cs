namespace TumorFunctions.Api.Backups;

/// <param name="EstimatedDurationS">From the pace of earlier backups, or of this store where there is none: see <see cref="BackupEstimate"/>.</param>
public sealed record BackupStartedAnswer(string Message, string BackupId, string Status, int EstimatedDurationS);

/// <summary>202: it goes on after the answer; the backup's own answer tells how far it is.</summary>
public sealed record BackupTaskAnswer(string Message, string BackupId, string Status);

public sealed record BackupListAnswer(IReadOnlyList<BackupAnswer> Backups, int Total);

/// <param name="Status">in_progress, completed, failed or deleting.</param>
/// <param name="DocumentBytes">Bytes of the documents' JSON.</param>
/// <param name="ContentBytes">Bytes of blobs and models.</param>
/// <param name="NewBytes">Those of them that no earlier backup had stored already.</param>
/// <param name="MissingBlobs">Blobs whose content the store had lost before the backup.</param>
/// <param name="Progress">0 to 1; null until it is known what there is to do, and once nothing is under way.</param>
/// <param name="CurrentStep">What is under way; null where nothing is.</param>
public sealed record BackupAnswer(
    string BackupId,
    string Status,
    DateTimeOffset StartedAt,
    DateTimeOffset? FinishedAt,
    string? StartedBy,
    int? EstimatedDurationS,
    double? DurationS,
    long? Documents,
    long? Blobs,
    long? Models,
    long? DocumentBytes,
    long? ContentBytes,
    long? NewBytes,
    int MissingBlobs,
    double? Progress,
    string? CurrentStep,
    string? Error,
    BackupTaskState? Verification,
    BackupTaskState? Restore)
{
    public static BackupAnswer Of(BackupRecord record, BackupProgress? progress) => new(
        record.BackupId,
        record.Status,
        record.StartedAt,
        record.FinishedAt,
        record.StartedBy,
        record.EstimatedDurationS,
        record.FinishedAt is { } end ? Math.Round((end - record.StartedAt).TotalSeconds, 3) : null,
        record.Totals?.Documents,
        record.Totals?.Blobs,
        record.Totals?.Models,
        record.Totals?.DocumentBytes,
        record.Totals?.ContentBytes,
        record.Totals?.NewBytes,
        record.Missing,
        progress is { Total: { } total } ? Math.Round(total == 0 ? 1 : Math.Min(1, progress.Done / (double)total), 4) : null,
        progress?.Step,
        record.Error,
        BackupTaskState.Of(record.Verification),
        BackupTaskState.Of(record.Restore));
}

/// <summary>The latest verification or restore.</summary>
/// <param name="Status">in_progress, completed or failed. A verification that found problems is completed.</param>
/// <param name="Problems">The first hundred of <paramref name="ProblemCount"/>.</param>
/// <param name="Written">For restores: items that were missing or older.</param>
/// <param name="Same">For restores: items that were there as they are in the backup.</param>
/// <param name="KeptNewer">For restores: items whose newer version was kept.</param>
public sealed record BackupTaskState(
    string Status,
    DateTimeOffset StartedAt,
    DateTimeOffset? FinishedAt,
    string? StartedBy,
    string? Error,
    long Checked,
    long ProblemCount,
    IReadOnlyList<BackupProblem> Problems,
    bool Overwrite,
    bool DryRun,
    long? Written,
    long? Same,
    long? KeptNewer)
{
    public static BackupTaskState? Of(TaskRecord? task) => task is null
        ? null
        : new(
            task.Status,
            task.StartedAt,
            task.FinishedAt,
            task.StartedBy,
            task.Error,
            task.Checked,
            task.ProblemCount,
            task.Problems,
            task.Overwrite,
            task.DryRun,
            task.Restored?.Written,
            task.Restored?.Same,
            task.Restored?.KeptNewer);
}
