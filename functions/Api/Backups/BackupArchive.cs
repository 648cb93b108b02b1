using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using TumorFunctions.Api.Http;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Backups;

/// <summary>
/// The container of the backups: <c>manifests/{id}.json</c>, the parts <c>{id}/documents-00000.jsonl.gz</c> and
/// <c>{id}/blobs-00000.jsonl.gz</c>, and contents stored once under their hash, <c>content/ab/abcd…</c>. What verification found to be
/// damaged is named by <c>damaged/{hash}</c> until a backup has stored it anew.
/// </summary>
public sealed class BackupArchive(IBlobStore blobs)
{
    public const string Container = "backups";
    public const string ContentPrefix = "content/";

    private const string ManifestPrefix = "manifests/";
    private const string ManifestEnd = ".json";
    private const string DamagedPrefix = "damaged/";
    private const int MaxManifestBytes = 512 << 20;
    private const int BufferLength = 128 * 1024;

    /// <summary>How lines and manifests are written: as documents are, times in full.</summary>
    public static JsonSerializerOptions Json => StorageJson.Options;

    public static string ManifestName(string backupId) => $"{ManifestPrefix}{backupId}{ManifestEnd}";

    public static string DocumentPart(string backupId, int number) => $"{backupId}/documents-{number:00000}.jsonl.gz";

    public static string BlobPart(string backupId, int number) => $"{backupId}/blobs-{number:00000}.jsonl.gz";

    /// <summary>The list of what a blob part is to copy.</summary>
    public static string PlanPart(string backupId, int number) => $"{backupId}/plan-{number:00000}.jsonl.gz";

    public static string ContentName(string sha256) => $"{ContentPrefix}{sha256[..2]}/{sha256}";

    /// <summary>Writes lines as one file, over what an earlier attempt left.</summary>
    public async Task<BackupPart> WritePartAsync<T>(
        string name, IReadOnlyCollection<T> lines, long contentBytes, long newBytes, CancellationToken cancellationToken)
    {
        using var packed = new MemoryStream();
        long rawLength = 0;
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            foreach (var line in lines)
            {
                var json = JsonSerializer.SerializeToUtf8Bytes(line, Json);
                gzip.Write(json);
                gzip.WriteByte((byte)'\n');
                rawLength += json.Length + 1;
            }
        }

        var sha256 = Convert.ToHexStringLower(SHA256.HashData(packed.GetBuffer().AsSpan(0, (int)packed.Length)));
        packed.Position = 0;
        await blobs.WriteAsync(At(name), packed, Options("application/gzip", overwrite: true), cancellationToken);
        return new BackupPart(name, sha256, packed.Length, rawLength, lines.Count, contentBytes, newBytes);
    }

    /// <summary>The lines of a part, which is a few megabytes; its hash is checked before the first is read.</summary>
    /// <exception cref="DamagedBackupException">It is missing, or not as the manifest says.</exception>
    public async Task<IReadOnlyList<T>> ReadPartAsync<T>(BackupPart part, CancellationToken cancellationToken)
    {
        var packed = await ReadAllAsync(part.Name, part.Length, cancellationToken);
        if (packed.Length != part.Length)
        {
            throw new DamagedBackupException(part.Name, $"it has {packed.Length} bytes instead of {part.Length}");
        }

        var sha256 = Convert.ToHexStringLower(SHA256.HashData(packed));
        if (sha256 != part.Sha256)
        {
            throw new DamagedBackupException(part.Name, $"its SHA-256 is {sha256} instead of {part.Sha256}");
        }

        return await UnpackAsync<T>(part, packed, cancellationToken);
    }

    public async Task<string> WriteManifestAsync(BackupManifest manifest, CancellationToken cancellationToken)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(manifest, Json);
        using var content = new MemoryStream(json, writable: false);
        await blobs.WriteAsync(
            At(ManifestName(manifest.BackupId)), content, Options("application/json", overwrite: true), cancellationToken);
        return Convert.ToHexStringLower(SHA256.HashData(json));
    }

    /// <param name="sha256">What it must be; null where that is not known.</param>
    /// <exception cref="DamagedBackupException">It is missing, changed, or not possible.</exception>
    public async Task<(BackupManifest Manifest, string Sha256)> ReadManifestAsync(
        string backupId, string? sha256, CancellationToken cancellationToken)
    {
        var name = ManifestName(backupId);
        var json = await ReadAllAsync(name, MaxManifestBytes, cancellationToken);
        var found = Convert.ToHexStringLower(SHA256.HashData(json));
        return sha256 is null || found == sha256
            ? (BackupManifest.Parse(backupId, json), found)
            : throw new DamagedBackupException(name, $"its SHA-256 is {found} instead of {sha256}");
    }

    /// <summary>Ids of the backups that are whole.</summary>
    public async Task<IReadOnlyList<string>> ManifestsAsync(CancellationToken cancellationToken)
    {
        List<string> ids = [];
        await foreach (var blob in blobs.ListAsync(Container, ManifestPrefix, cancellationToken))
        {
            var name = blob.Address.Name;
            if (name.EndsWith(ManifestEnd, StringComparison.Ordinal)
                && name[ManifestPrefix.Length..^ManifestEnd.Length] is var id && BackupId.IsValid(id))
            {
                ids.Add(id);
            }
        }

        return ids;
    }

    /// <summary>Stores content under its hash unless it is there already.</summary>
    /// <param name="content">Seekable; read from its beginning.</param>
    /// <param name="damaged">Hashes to store anew though they are there.</param>
    public async Task<(string Sha256, bool IsNew)> KeepAsync(
        Stream content, IReadOnlySet<string> damaged, CancellationToken cancellationToken)
    {
        var sha256 = await HashAsync(content, cancellationToken);
        var isDamaged = damaged.Contains(sha256);
        if (!isDamaged && await HasAsync(sha256, content.Length, cancellationToken))
        {
            return (sha256, false);
        }

        content.Position = 0;
        using var checkedContent = new HashingStream(content, sha256, $"content changed while it was copied (expected SHA-256 {sha256})");
        try
        {
            await blobs.WriteAsync(
                At(ContentName(sha256)), checkedContent, Options("application/octet-stream", overwrite: isDamaged), cancellationToken);
        }
        catch (BlobConflictException) when (!isDamaged)
        {
            // The same content came from elsewhere meanwhile; under its hash it is the same.
            return (sha256, false);
        }

        if (isDamaged)
        {
            await blobs.DeleteAsync(At(DamagedPrefix + sha256), cancellationToken);
        }

        return (sha256, true);
    }

    /// <summary>Whether content is stored in its full length.</summary>
    public async Task<bool> HasAsync(string sha256, long length, CancellationToken cancellationToken) =>
        (await blobs.GetPropertiesAsync(At(ContentName(sha256)), cancellationToken))?.Length == length;

    /// <summary>Content that throws at its end where it is not what its hash says.</summary>
    /// <exception cref="DamagedBackupException">It is missing.</exception>
    public async Task<Stream> OpenContentAsync(string sha256, long length, CancellationToken cancellationToken)
    {
        var content = await OpenAsync(ContentName(sha256), cancellationToken);
        if (content.Properties.Length == length)
        {
            return new HashingStream(content.Stream, sha256, $"{ContentName(sha256)}: content does not have this SHA-256");
        }

        await content.DisposeAsync();
        throw new DamagedBackupException(
            ContentName(sha256), $"it has {content.Properties.Length} bytes instead of {length}");
    }

    /// <summary>Reads content through.</summary>
    /// <exception cref="DamagedBackupException">It is missing or not what its hash says; then it is marked to be stored anew.</exception>
    public async Task VerifyContentAsync(string sha256, long length, CancellationToken cancellationToken)
    {
        string found;
        await using var content = await OpenAsync(ContentName(sha256), cancellationToken);
        try
        {
            found = await HashAsync(content.Stream, cancellationToken);
        }
        catch (IOException exception)
        {
            found = $"unknown ({exception.Message})";
        }

        if (found == sha256 && content.Properties.Length == length)
        {
            return;
        }

        await blobs.WriteAsync(
            At(DamagedPrefix + sha256), Stream.Null, Options("application/octet-stream", overwrite: true), cancellationToken);
        throw new DamagedBackupException(
            ContentName(sha256), $"its content has {content.Properties.Length} bytes and SHA-256 {found}, not {length} bytes and {sha256}");
    }

    public async Task<IReadOnlySet<string>> DamagedAsync(CancellationToken cancellationToken)
    {
        HashSet<string> damaged = new(StringComparer.Ordinal);
        await foreach (var mark in blobs.ListAsync(Container, DamagedPrefix, cancellationToken))
        {
            damaged.Add(mark.Address.Name[DamagedPrefix.Length..]);
        }

        return damaged;
    }

    /// <summary>Deletes the manifest first, so that what is left is no backup, then its parts.</summary>
    public async Task DeleteAsync(string backupId, CancellationToken cancellationToken)
    {
        await blobs.DeleteAsync(At(ManifestName(backupId)), cancellationToken);
        await DeleteAllAsync($"{backupId}/", cancellationToken);
    }

    public Task DeletePlanAsync(string backupId, CancellationToken cancellationToken) =>
        DeleteAllAsync($"{backupId}/plan-", cancellationToken);

    /// <summary>Half of a hash, to hold millions: two that share it are both kept, which does no harm.</summary>
    /// <exception cref="FormatException">It is no hash.</exception>
    public static UInt128 KeyOf(string sha256) => BackupManifest.IsSha256(sha256)
        ? UInt128.Parse(sha256.AsSpan(0, 32), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
        : throw new FormatException($"'{sha256}' is no SHA-256.");

    /// <summary>Deletes contents that are not among the given ones.</summary>
    public async Task DeleteContentsExceptAsync(IReadOnlySet<UInt128> kept, CancellationToken cancellationToken)
    {
        await foreach (var content in blobs.ListAsync(Container, ContentPrefix, cancellationToken))
        {
            var sha256 = content.Address.Name[(content.Address.Name.LastIndexOf('/') + 1)..];
            if (!BackupManifest.IsSha256(sha256) || !kept.Contains(KeyOf(sha256)))
            {
                await blobs.DeleteAsync(content.Address, cancellationToken);
                await blobs.DeleteAsync(At(DamagedPrefix + sha256), cancellationToken);
            }
        }
    }

    /// <summary>SHA-256 of a stream from its beginning, hexadecimal.</summary>
    public static async Task<string> HashAsync(Stream content, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        try
        {
            if (content.CanSeek)
            {
                content.Position = 0;
            }

            int read;
            while ((read = await content.ReadAsync(buffer, cancellationToken)) > 0)
            {
                hash.AppendData(buffer, 0, read);
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static async Task<IReadOnlyList<T>> UnpackAsync<T>(BackupPart part, byte[] packed, CancellationToken cancellationToken)
    {
        var raw = new MemoryStream((int)part.RawLength);
        try
        {
            await using var gzip = new GZipStream(new MemoryStream(packed, writable: false), CompressionMode.Decompress);
            await using var limited = new LimitedStream(gzip, part.RawLength, () => new DamagedBackupException(part.Name, "it unpacks to more than the manifest says"));
            await limited.CopyToAsync(raw, cancellationToken);
            var text = raw.GetBuffer().AsMemory(0, (int)raw.Length);
            List<T> lines = new(part.Items);
            while (!text.IsEmpty)
            {
                var end = text.Span.IndexOf((byte)'\n');
                var line = end < 0 ? text : text[..end];
                lines.Add(JsonSerializer.Deserialize<T>(line.Span, Json) ?? throw new JsonException("null"));
                text = end < 0 ? default : text[(end + 1)..];
            }

            return lines.Count == part.Items
                ? lines
                : throw new DamagedBackupException(part.Name, $"it has {lines.Count} lines instead of {part.Items}");
        }
        catch (Exception exception) when (exception is JsonException or InvalidDataException)
        {
            throw new DamagedBackupException(part.Name, $"it cannot be read: {exception.Message}");
        }
    }

    private async Task<byte[]> ReadAllAsync(string name, long maxLength, CancellationToken cancellationToken)
    {
        await using var blob = await OpenAsync(name, cancellationToken);
        if (blob.Properties.Length > maxLength)
        {
            throw new DamagedBackupException(name, $"it has {blob.Properties.Length} bytes; at most {maxLength} were expected");
        }

        var content = new byte[blob.Properties.Length];
        try
        {
            await blob.Stream.ReadExactlyAsync(content, cancellationToken);
            return content;
        }
        catch (IOException exception)
        {
            throw new DamagedBackupException(name, $"it cannot be read: {exception.Message}");
        }
    }

    private async Task<BlobContent> OpenAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await blobs.OpenReadAsync(At(name), cancellationToken);
        }
        catch (Exception exception) when (exception is BlobNotFoundException or FileNotFoundException)
        {
            throw new DamagedBackupException(name, "it is missing");
        }
    }

    private async Task DeleteAllAsync(string prefix, CancellationToken cancellationToken)
    {
        await foreach (var blob in blobs.ListAsync(Container, prefix, cancellationToken))
        {
            await blobs.DeleteAsync(blob.Address, cancellationToken);
        }
    }

    private static BlobAddress At(string name) => new(Container, name);

    private static BlobWriteOptions Options(string contentType, bool overwrite) =>
        new() { ContentType = contentType, Overwrite = overwrite };
}
