using System.Diagnostics;
using System.Security.Cryptography;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Backups;

/// <summary>
/// How long a backup will take: <c>overhead + bytes to write / pace</c>, in whole seconds and at least 1. Pace is the best of the earlier
/// backups (bytes written over seconds taken), overhead what the last one took beyond its bytes at that pace; to write are the documents
/// of the last one and what the blob store has grown by since. Without an earlier one the whole store is to be written, at the pace at
/// which a probe of 1 MB is written and read back.
/// </summary>
public sealed class BackupEstimate(BackupStore store, IBlobStore blobs)
{
    private const int Recent = 10;
    private const int ProbeBytes = 1 << 20;

    public async Task<int> SecondsAsync(CancellationToken cancellationToken)
    {
        var records = await store.ListAsync(cancellationToken);
        List<(BackupTotals Totals, double Seconds, long? StoreBytes)> earlier =
        [
            .. records
                .Where(record => record is { Status: BackupRecord.Completed, Totals: not null, FinishedAt: not null, StoreBytes: not null })
                .Take(Recent)
                .Select(record => (
                    record.Totals!, Math.Max((record.FinishedAt!.Value - record.StartedAt).TotalSeconds, 1e-3), record.StoreBytes)),
        ];
        var used = (await blobs.GetCapacityAsync(cancellationToken)).UsedBytes;
        double seconds;
        if (earlier.Count == 0)
        {
            seconds = used / await ProbeAsync(cancellationToken);
        }
        else
        {
            var last = earlier[0];
            var pace = earlier.Max(backup => Written(backup.Totals) / backup.Seconds);
            var overhead = last.Seconds - (Written(last.Totals) / pace);
            var growth = Math.Max(0, used - last.StoreBytes!.Value);
            seconds = overhead + ((growth + last.Totals.DocumentBytes) / pace);
        }

        return (int)Math.Clamp(Math.Ceiling(seconds), 1, int.MaxValue);
    }

    // There is always a document, the administrator's.
    private static double Written(BackupTotals totals) => Math.Max(1, totals.NewBytes + totals.DocumentBytes);

    /// <summary>Bytes a second.</summary>
    private async Task<double> ProbeAsync(CancellationToken cancellationToken)
    {
        var address = new BlobAddress(BackupArchive.Container, $"probe/{Guid.NewGuid():N}");
        var content = RandomNumberGenerator.GetBytes(ProbeBytes);
        var clock = Stopwatch.StartNew();
        try
        {
            await blobs.WriteAsync(
                address, new MemoryStream(content), new BlobWriteOptions { ContentType = "application/octet-stream" }, cancellationToken);
            await using var read = await blobs.OpenReadAsync(address, cancellationToken);
            await BackupArchive.HashAsync(read.Stream, cancellationToken);
            return ProbeBytes / clock.Elapsed.TotalSeconds;
        }
        finally
        {
            await blobs.DeleteAsync(address, CancellationToken.None);
        }
    }
}
