using Microsoft.Extensions.Logging;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Backups;

/// <summary>What an earlier backup knows of a range of blobs: a version that it copied has the content that it had.</summary>
public sealed class KnownContents
{
    private readonly Dictionary<(string Item, string ETag, long Length), string> _contents = [];

    private KnownContents()
    {
    }

    public static KnownContents None { get; } = new();

    /// <param name="first">The first blob of the range, container/name.</param>
    public static async Task<KnownContents> ReadAsync(
        BackupArchive archive, string backupId, string first, string last, ILogger logger, CancellationToken cancellationToken)
    {
        var known = new KnownContents();
        try
        {
            var (manifest, _) = await archive.ReadManifestAsync(backupId, null, cancellationToken);
            foreach (var part in manifest.Blobs)
            {
                if (part is { First: { } from, Last: { } to } && Compare(to, first) >= 0 && Compare(from, last) <= 0)
                {
                    foreach (var line in await archive.ReadPartAsync<BlobLine>(part, cancellationToken))
                    {
                        known._contents[(line.Item, line.ETag, line.Length)] = line.Sha256;
                    }
                }
            }
        }
        catch (DamagedBackupException exception)
        {
            // Then all is read again.
            logger.EarlierBackupUnreadable(exception, backupId);
        }

        return known;
    }

    /// <summary>The SHA-256 of a version; null where it is not known.</summary>
    public string? Find(BlobProperties blob) =>
        _contents.GetValueOrDefault(($"{blob.Address.Container}/{blob.Address.Name}", blob.ETag, blob.Length)) is { } sha256
        && BackupManifest.IsSha256(sha256) ? sha256 : null;

    // By container, then name: a '/' within the text would sort otherwise.
    private static int Compare(string a, string b)
    {
        var (endA, endB) = (a.IndexOf('/', StringComparison.Ordinal), b.IndexOf('/', StringComparison.Ordinal));
        var order = a.AsSpan(0, Math.Max(endA, 0)).CompareTo(b.AsSpan(0, Math.Max(endB, 0)), StringComparison.Ordinal);
        return order != 0 ? order : string.CompareOrdinal(a, endA, b, endB, int.MaxValue);
    }
}
