using System.Runtime.CompilerServices;
using System.Text;

namespace TumorFunctions.Storage.Embedded;

// While a hold is on, a version that is overwritten or deleted keeps its data file, and its pointer goes to name~version.
public sealed partial class FileBlobStore
{
    private readonly string _holdPath;
    private volatile string? _hold;

    public async Task HoldAsync(string hold, CancellationToken cancellationToken = default)
    {
        AddressRules.CheckSnapshot(hold);
        if (_hold == hold)
            return;

        // What an earlier hold kept must not come back as a blob of this one.
        await DropRetainedAsync(cancellationToken).ConfigureAwait(false);
        var draft = _holdPath + VersionMark;
        using (var file = new FileStream(draft, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            file.Write(Encoding.ASCII.GetBytes(hold));
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, _holdPath, overwrite: true);
        _hold = hold;
    }

    public async IAsyncEnumerable<BlobProperties> ListHeldAsync(
        string hold, DateTimeOffset asOf, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        if (_hold != hold)
            throw new SnapshotNotFoundException(hold);

        var containers = new DirectoryInfo(_index).EnumerateDirectories().Select(folder => folder.Name).Order(StringComparer.Ordinal);
        foreach (var container in containers.ToArray())
        {
            // In this order: what is deleted meanwhile goes from the first list to the second.
            var names = await NamesAsync(container, "", cancellationToken).ConfigureAwait(false);
            var retained = await RetainedAsync(Path.Combine(_index, container), "*", cancellationToken).ConfigureAwait(false);
            foreach (var name in names.Select(live => live.Name).Union(retained.Select(pointer => pointer.Name)).Order(StringComparer.Ordinal))
            {
                var path = PointerPath(new BlobAddress(container, name));
                var pointer = await BlobPointer.ReadAsync(path, cancellationToken).ConfigureAwait(false);
                if (pointer is null || pointer.LastModified > asOf)
                {
                    // Deleted or replaced since the hold began, perhaps while this list is made.
                    var versions = await RetainedAsync(Path.GetDirectoryName(path)!, Path.GetFileName(path), cancellationToken)
                        .ConfigureAwait(false);
                    pointer = versions.Where(version => version.LastModified <= asOf).MaxBy(version => version.LastModified);
                }

                if (pointer is not null)
                    yield return pointer.ToProperties(container);
            }
        }
    }

    public Task<Stream> OpenHeldAsync(BlobAddress address, string etag, CancellationToken cancellationToken = default)
    {
        AddressRules.Check(address);
        if (!Guid.TryParseExact(etag, "N", out _))
            throw new BlobNotFoundException(address);
        try
        {
            return Task.FromResult<Stream>(new FileStream(DataPath(address, etag), new FileStreamOptions
            {
                Mode = FileMode.Open,
                Access = FileAccess.Read,
                Share = FileShare.Read | FileShare.Delete,
                Options = FileOptions.Asynchronous,
                BufferSize = 0,
            }));
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BlobNotFoundException(address);
        }
    }

    public async Task ReleaseAsync(string hold, CancellationToken cancellationToken = default)
    {
        AddressRules.CheckSnapshot(hold);
        if (_hold != hold)
            return;

        _hold = null;
        File.Delete(_holdPath);
        await DropRetainedAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Pointers of versions that are no longer current; a draft of a write under way looks the same, and is whole or not JSON yet.</summary>
    private static async Task<List<BlobPointer>> RetainedAsync(string folder, string fileName, CancellationToken cancellationToken)
    {
        List<BlobPointer> pointers = [];
        foreach (var path in Directory.EnumerateFiles(folder, $"{fileName}{VersionMark}*", SearchOption.AllDirectories))
        {
            try
            {
                if (await BlobPointer.ReadAsync(path, cancellationToken).ConfigureAwait(false) is { } pointer)
                    pointers.Add(pointer);
            }
            catch (InvalidDataException)
            {
                // A draft of which only a part is written.
            }
        }

        return pointers;
    }

    private async Task DropRetainedAsync(CancellationToken cancellationToken)
    {
        foreach (var retained in new DirectoryInfo(_index).EnumerateFiles($"*{VersionMark}*", SearchOption.AllDirectories))
        {
            var data = new FileInfo(Path.Combine(_data, Path.GetRelativePath(_index, retained.FullName)));
            if (_writing.ContainsKey(data.FullName))
                continue;
            if (data.Exists)
                await SweepDataAsync(data, cancellationToken).ConfigureAwait(false);
            retained.Delete();
        }
    }

    private static string RetainedPath(string path, string version) => $"{path}{VersionMark}{version}";
}
