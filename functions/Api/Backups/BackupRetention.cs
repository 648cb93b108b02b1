using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace TumorFunctions.Api.Backups;

/// <summary>
/// Deletes backups, and contents that no manifest names any more. Called under the lock, so that no backup is adding contents meanwhile.
/// </summary>
public sealed class BackupRetention(
    BackupStore store, BackupArchive archive, IOptions<BackupOptions> options, TimeProvider time, ILogger<BackupRetention> logger)
{
    /// <summary>
    /// Keeps the newest <see cref="BackupOptions.KeepLast"/> and those younger than <see cref="BackupOptions.KeepDays"/>, and, where none
    /// of these has been proven good by a verification, the newest that has.
    /// </summary>
    /// <param name="finishing">The backup that is whole but not yet marked so.</param>
    public async Task ApplyAsync(string finishing, CancellationToken cancellationToken)
    {
        var records = await store.ListAsync(cancellationToken);
        List<BackupRecord> whole = [.. records
            .Select(record => record.BackupId == finishing ? record with { Status = BackupRecord.Completed } : record)
            .Where(record => record.Status == BackupRecord.Completed)];
        var keepLast = options.Value.KeepLast;
        var youngest = time.GetUtcNow() - TimeSpan.FromDays(options.Value.KeepDays);
        List<BackupRecord> kept = [.. whole.Where((record, index) => keepLast == 0 || index < keepLast || record.StartedAt > youngest)];
        if (!kept.Any(record => record.IsProven) && whole.FirstOrDefault(record => record.IsProven) is { } proven)
        {
            kept.Add(proven);
        }

        var oldest = kept.Count == 0 ? DateTimeOffset.MinValue : kept.Min(record => record.StartedAt);
        var doomed = records.Where(record => record.BackupId != finishing && record.Status switch
        {
            BackupRecord.Completed => kept.All(other => other.BackupId != record.BackupId),
            BackupRecord.Deleting => true,
            BackupRecord.Failed => record.StartedAt < oldest,
            _ => false,
        });
        await DeleteAsync([.. doomed], cancellationToken);
    }

    public async Task DeleteAsync(IReadOnlyCollection<BackupRecord> doomed, CancellationToken cancellationToken)
    {
        if (doomed.Count == 0)
        {
            return;
        }

        foreach (var record in doomed)
        {
            await store.ChangeAsync(
                record.BackupId, current => current with { Status = BackupRecord.Deleting }, cancellationToken);
            await archive.DeleteAsync(record.BackupId, cancellationToken);
        }

        await CollectAsync(cancellationToken);
        foreach (var record in doomed)
        {
            await store.RemoveAsync(record.BackupId, cancellationToken);
            logger.BackupDeleted(record.BackupId);
        }
    }

    // Where a manifest cannot be read, what it names is not known, and nothing is deleted.
    private async Task CollectAsync(CancellationToken cancellationToken)
    {
        HashSet<UInt128> named = [];
        try
        {
            foreach (var id in await archive.ManifestsAsync(cancellationToken))
            {
                var (manifest, _) = await archive.ReadManifestAsync(id, null, cancellationToken);
                foreach (var model in manifest.Models)
                {
                    named.Add(BackupArchive.KeyOf(model.Sha256));
                    named.Add(BackupArchive.KeyOf(model.CardSha256 ?? model.Sha256));
                }

                foreach (var part in manifest.Blobs)
                {
                    foreach (var line in await archive.ReadPartAsync<BlobLine>(part, cancellationToken))
                    {
                        named.Add(BackupArchive.KeyOf(line.Sha256));
                    }
                }
            }
        }
        catch (Exception exception) when (exception is DamagedBackupException or FormatException)
        {
            logger.ContentsNotCollected(exception);
            return;
        }

        await archive.DeleteContentsExceptAsync(named, cancellationToken);
    }
}
