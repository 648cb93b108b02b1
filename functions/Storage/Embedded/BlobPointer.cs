using System.Text.Json;

namespace TumorFunctions.Storage.Embedded;

/// <summary>The small file whose rename into place is the commit of a write: it names the data file of the blob's current version.</summary>
internal sealed record BlobPointer(
    string Name,
    string Version,
    long Length,
    string ContentType,
    DateTimeOffset LastModified,
    IReadOnlyDictionary<string, string> Metadata)
{
    /// <summary>The pointer in a file, or null where there is no file.</summary>
    public static async Task<BlobPointer?> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var json = await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
            return JsonSerializer.Deserialize<BlobPointer>(json, StorageJson.Options)
                ?? throw new InvalidDataException($"'{path}' is no blob pointer.");
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException($"'{path}' is no blob pointer.", exception);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Puts the pointer in place in one step.</summary>
    public void Commit(string path, bool flushToDisk)
    {
        var draft = $"{path}~{Version}";
        try
        {
            using (var file = new FileStream(draft, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                file.Write(JsonSerializer.SerializeToUtf8Bytes(this, StorageJson.Options));
                file.Flush(flushToDisk);
            }

            File.Move(draft, path, overwrite: true);
        }
        catch
        {
            File.Delete(draft);
            throw;
        }
    }

    public BlobProperties ToProperties(string container) =>
        new(new BlobAddress(container, Name), Length, ContentType, Version, LastModified, Metadata);
}
