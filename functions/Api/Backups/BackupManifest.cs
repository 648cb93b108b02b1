using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace TumorFunctions.Api.Backups;

/// <summary>What a backup consists of. Written last, so that a backup without one is none.</summary>
public sealed partial record BackupManifest
{
    public const int CurrentFormat = 1;

    private const int MaxParts = 1_000_000;
    private const int MaxRawBytes = 64 << 20;
    private const int MaxCardBytes = 256 * 1024;

    public required int FormatVersion { get; init; }

    public required string BackupId { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>The last moment whose writes it may hold.</summary>
    public required DateTimeOffset AsOf { get; init; }

    /// <summary>Whether its documents are those of one moment: see <see cref="Storage.IDocumentExport"/>.</summary>
    public required bool IsPointInTime { get; init; }

    public required DateTimeOffset FinishedAt { get; init; }

    public required IReadOnlyList<BackupPart> Documents { get; init; }

    public required IReadOnlyList<BackupPart> Blobs { get; init; }

    public required IReadOnlyList<BackupModel> Models { get; init; }

    /// <summary>Blobs that were listed but whose content the store had lost already.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    [JsonIgnore]
    public BackupTotals Totals => new(
        Documents.Sum(part => (long)part.Items),
        Documents.Sum(part => part.ContentBytes),
        Blobs.Sum(part => (long)part.Items),
        Models.Count,
        Blobs.Sum(part => part.ContentBytes) + Models.Sum(model => model.Length),
        Blobs.Sum(part => part.NewBytes) + Models.Sum(model => model.NewBytes));

    /// <summary>Reads a manifest that anybody may have written.</summary>
    /// <exception cref="DamagedBackupException">It is no manifest of this backup that can be worked with; the message says why.</exception>
    public static BackupManifest Parse(string backupId, ReadOnlySpan<byte> json)
    {
        BackupManifest? manifest;
        try
        {
            manifest = JsonSerializer.Deserialize<BackupManifest>(json, BackupArchive.Json);
        }
        catch (JsonException exception)
        {
            throw Damaged($"it cannot be read: {exception.Message}");
        }

        if (manifest is null)
        {
            throw Damaged("it is empty");
        }

        if (manifest.FormatVersion != CurrentFormat)
        {
            throw Damaged($"it has format {manifest.FormatVersion}; this version reads format {CurrentFormat}");
        }

        if (manifest.BackupId != backupId)
        {
            throw Damaged($"it is the manifest of {manifest.BackupId}");
        }

        if (manifest.Documents is null || manifest.Blobs is null || manifest.Models is null || manifest.Missing is null)
        {
            throw Damaged("a list is missing");
        }

        if (manifest.Documents.Count + (long)manifest.Blobs.Count + manifest.Models.Count > MaxParts)
        {
            throw Damaged($"it has more than {MaxParts} parts");
        }

        CheckParts(manifest.Documents, BackupArchive.DocumentPart);
        CheckParts(manifest.Blobs, BackupArchive.BlobPart);
        foreach (var model in manifest.Models)
        {
            if (model is not { Length: >= 0, NewBytes: >= 0, CardLength: >= 0 and <= MaxCardBytes } || !IsSha256(model.Sha256)
                || (model.CardSha256 is { } card && !IsSha256(card))
                || !Core.Segmentation.ModelName.TryParse(model.Name, out var name) || name != model.Name)
            {
                throw Damaged($"model '{model?.Name}' has no valid name, length or hash");
            }
        }

        return manifest;

        void CheckParts(IReadOnlyList<BackupPart> parts, Func<string, int, string> name)
        {
            for (var i = 0; i < parts.Count; i++)
            {
                // The name follows from the place: none can lead elsewhere.
                if (parts[i] is not { Length: >= 0, RawLength: >= 0 and <= MaxRawBytes, Items: >= 0, ContentBytes: >= 0, NewBytes: >= 0 } part
                    || part.Name != name(backupId, i) || part.Items > part.RawLength || !IsSha256(part.Sha256))
                {
                    throw Damaged($"part '{parts[i]?.Name}' has a name, length, count or hash that is not possible");
                }
            }
        }

        DamagedBackupException Damaged(string reason) => new(BackupArchive.ManifestName(backupId), reason);
    }

    internal static bool IsSha256(string? text) => text is not null && Sha256Form().IsMatch(text);

    [GeneratedRegex(@"\A[0-9a-f]{64}\z")]
    private static partial Regex Sha256Form();
}

/// <summary>A gzip file of JSON lines.</summary>
/// <param name="Sha256">Of the file as it is stored.</param>
/// <param name="Length">Of the file as it is stored, in bytes.</param>
/// <param name="RawLength">Unpacked.</param>
/// <param name="Items">Lines.</param>
/// <param name="ContentBytes">Of the documents or blobs.</param>
/// <param name="NewBytes">Those of the blobs that no earlier backup had stored.</param>
public sealed record BackupPart(string Name, string Sha256, long Length, long RawLength, int Items, long ContentBytes, long NewBytes)
{
    /// <summary>For blobs: the first (container/name) in the order of containers and names.</summary>
    public string? First { get; init; }

    public string? Last { get; init; }
}

/// <param name="CardSha256">Of the card as it was uploaded; null where none was.</param>
public sealed record BackupModel(
    string Name, string Sha256, long Length, string? CardSha256, long CardLength, DateTimeOffset UploadedAt, long NewBytes);

/// <summary>A line of a file of documents.</summary>
/// <param name="ChangedAt">When this version was written; whole milliseconds.</param>
public sealed record DocumentLine(string Container, string PartitionKey, string Id, DateTimeOffset ChangedAt, JsonElement Body)
{
    public string Item => $"{Container}/{PartitionKey}/{Id}";
}

/// <summary>A line of a file of blobs; the content lies under its hash.</summary>
/// <param name="ETag">Of the version; tells the next backup that it is stored already.</param>
public sealed record BlobLine(
    string Container,
    string Name,
    string ETag,
    long Length,
    string ContentType,
    DateTimeOffset LastModified,
    IReadOnlyDictionary<string, string> Metadata,
    string Sha256)
{
    public string Item => $"{Container}/{Name}";
}

/// <summary>A file of a backup is missing or not what it was when it was written.</summary>
public sealed class DamagedBackupException(string item, string reason) : Exception($"{item}: {reason}")
{
    public string Item { get; } = item;

    public string Reason { get; } = reason;
}
