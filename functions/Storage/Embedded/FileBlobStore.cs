using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace TumorFunctions.Storage.Embedded;

/// <summary>
/// Blobs in a folder that this process alone writes to. Content is streamed to <c>data/container/shelf/name~version</c> and flushed to
/// disk; then the pointer <c>index/container/shelf/name</c> is renamed into place, which is the moment the write happens. A process
/// killed before it leaves a data file that nothing names, for <see cref="SweepAsync"/>; one killed after it has written the blob
/// whole. Readers hold their version's file open, which the system keeps until they close it. Shelves keep folders small, and a
/// listing of one record's blobs away from all others: see <see cref="BlobFileName.ShelfOf"/>.
/// </summary>
public sealed partial class FileBlobStore : IBlobStore, IBlobExport, IUnfinishedWrites
{
    private const int BufferLength = 128 * 1024;
    private const int LockCount = 256;
    private const char VersionMark = '~';

    private readonly string _index;
    private readonly string _data;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim[] _locks = [.. Enumerable.Range(0, LockCount).Select(_ => new SemaphoreSlim(1))];
    private readonly ConcurrentDictionary<string, bool> _writing = new(StringComparer.Ordinal);
    private long _usedBytes;

    /// <param name="root">Made when it does not exist.</param>
    /// <param name="time">For the time of a write; the system's unless given.</param>
    public FileBlobStore(string root, TimeProvider? time = null)
    {
        _index = Path.Combine(Path.GetFullPath(root), "index");
        _data = Path.Combine(Path.GetFullPath(root), "data");
        _time = time ?? TimeProvider.System;
        PrivateFolder.Create(_index);
        PrivateFolder.Create(_data);
        _holdPath = Path.Combine(Path.GetFullPath(root), "hold");
        _hold = File.Exists(_holdPath) ? File.ReadAllText(_holdPath) : null;
        // Counted before the first write: a sum over a folder that is being written to would miss or double some files.
        _usedBytes = new DirectoryInfo(_data).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
    }

    public async Task<BlobProperties> WriteAsync(
        BlobAddress address, Stream content, BlobWriteOptions options, CancellationToken cancellationToken = default)
    {
        AddressRules.Check(address);
        AddressRules.Check(options);
        var path = PointerPath(address);
        CheckConditions(address, options, await BlobPointer.ReadAsync(path, cancellationToken).ConfigureAwait(false));

        var version = Guid.NewGuid().ToString("N");
        var dataPath = DataPath(address, version);
        _writing[dataPath] = true;
        try
        {
            PrivateFolder.Create(Path.GetDirectoryName(dataPath)!);
            PrivateFolder.Create(Path.GetDirectoryName(path)!);
            var length = await StoreAsync(dataPath, content, options, cancellationToken).ConfigureAwait(false);
            var pointer = new BlobPointer(address.Name, version, length, options.ContentType, _time.GetUtcNow(), options.Metadata);
            await CommitAsync(address, path, pointer, options, cancellationToken).ConfigureAwait(false);
            return pointer.ToProperties(address.Container);
        }
        catch
        {
            TryDeleteData(dataPath);
            throw;
        }
        finally
        {
            _writing.TryRemove(dataPath, out _);
        }
    }

    public async Task<BlobProperties?> GetPropertiesAsync(BlobAddress address, CancellationToken cancellationToken = default)
    {
        AddressRules.Check(address);
        var pointer = await BlobPointer.ReadAsync(PointerPath(address), cancellationToken).ConfigureAwait(false);
        return pointer?.ToProperties(address.Container);
    }

    public async Task<BlobContent> OpenReadAsync(BlobAddress address, CancellationToken cancellationToken = default)
    {
        AddressRules.Check(address);
        while (await BlobPointer.ReadAsync(PointerPath(address), cancellationToken).ConfigureAwait(false) is { } pointer)
        {
            try
            {
                var file = new FileStream(DataPath(address, pointer.Version), new FileStreamOptions
                {
                    Mode = FileMode.Open,
                    Access = FileAccess.Read,
                    Share = FileShare.Read | FileShare.Delete,
                    Options = FileOptions.Asynchronous,
                    BufferSize = 64 * 1024,
                });
                if (file.Length != pointer.Length)
                {
                    // A power cut took what was never flushed: see BlobWriteOptions.Recomputable.
                    await file.DisposeAsync().ConfigureAwait(false);
                    throw new BlobNotFoundException(address);
                }

                return new BlobContent(pointer.ToProperties(address.Container), file);
            }
            catch (FileNotFoundException)
            {
                var current = await BlobPointer.ReadAsync(PointerPath(address), cancellationToken).ConfigureAwait(false);
                if (current?.Version == pointer.Version)
                    throw;
            }
        }

        throw new BlobNotFoundException(address);
    }

    public async Task<bool> DeleteAsync(BlobAddress address, CancellationToken cancellationToken = default)
    {
        AddressRules.Check(address);
        var path = PointerPath(address);
        var gate = Gate(path);
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var pointer = await BlobPointer.ReadAsync(path, cancellationToken).ConfigureAwait(false);
            if (pointer is null)
                return false;

            if (_hold is not null)
            {
                File.Move(path, RetainedPath(path, pointer.Version), overwrite: true);
                return true;
            }

            File.Delete(path);
            TryDeleteData(DataPath(address, pointer.Version));
            return true;
        }
        finally
        {
            gate.Release();
        }
    }

    public async IAsyncEnumerable<BlobProperties> ListAsync(
        string container, string prefix = "", [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        AddressRules.CheckBlobContainer(container);
        foreach (var (name, path) in await NamesAsync(container, prefix, cancellationToken).ConfigureAwait(false))
        {
            if (await BlobPointer.ReadAsync(path, cancellationToken).ConfigureAwait(false) is { } pointer && pointer.Name == name)
                yield return pointer.ToProperties(container);
        }
    }

    public Task<BlobStoreCapacity> GetCapacityAsync(CancellationToken cancellationToken = default) => Task.Run(
        () =>
        {
            var used = Interlocked.Read(ref _usedBytes);
            return new BlobStoreCapacity(used, used + new DriveInfo(_data).AvailableFreeSpace);
        },
        cancellationToken);

    /// <summary>
    /// Deletes what killed processes left unfinished and that is older than <paramref name="grace"/>; returns how many files. Nothing
    /// is deleted while a hold is on.
    /// </summary>
    public async Task<int> SweepAsync(TimeSpan grace, CancellationToken cancellationToken = default)
    {
        var swept = 0;
        if (_hold is not null)
            return swept;

        var before = _time.GetUtcNow() - grace;
        foreach (var file in new DirectoryInfo(_data).EnumerateFiles($"*{VersionMark}*", SearchOption.AllDirectories))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (file.LastWriteTimeUtc < before && await SweepDataAsync(file, cancellationToken).ConfigureAwait(false))
                swept++;
        }

        foreach (var draft in new DirectoryInfo(_index).EnumerateFiles($"*{VersionMark}*", SearchOption.AllDirectories))
        {
            var dataPath = Path.Combine(_data, Path.GetRelativePath(_index, draft.FullName));
            if (draft.LastWriteTimeUtc < before && !_writing.ContainsKey(dataPath) && File.Exists(draft.FullName))
            {
                draft.Delete();
                swept++;
            }
        }

        return swept;
    }

    // A file that is not being written any more is either named by its pointer or never will be.
    private async Task<bool> SweepDataAsync(FileInfo file, CancellationToken cancellationToken)
    {
        if (_writing.ContainsKey(file.FullName))
            return false;

        var mark = file.Name.LastIndexOf(VersionMark);
        var pointerPath = Path.Combine(_index, Path.GetRelativePath(_data, file.DirectoryName!), file.Name[..mark]);
        var gate = Gate(pointerPath);
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var pointer = await BlobPointer.ReadAsync(pointerPath, cancellationToken).ConfigureAwait(false);
            return pointer?.Version != file.Name[(mark + 1)..] && TryDeleteData(file.FullName);
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task<long> StoreAsync(
        string dataPath, Stream content, BlobWriteOptions options, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        try
        {
            var file = new FileStream(
                dataPath, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
            await using (file.ConfigureAwait(false))
            {
                try
                {
                    int read;
                    while ((read = await content.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
                        await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);

                    file.Flush(flushToDisk: !options.Recomputable);
                    return file.Length;
                }
                finally
                {
                    Interlocked.Add(ref _usedBytes, file.Length);
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task CommitAsync(
        BlobAddress address, string path, BlobPointer pointer, BlobWriteOptions options, CancellationToken cancellationToken)
    {
        var gate = Gate(path);
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var old = await BlobPointer.ReadAsync(path, cancellationToken).ConfigureAwait(false);
            CheckConditions(address, options, old);
            var isHeld = _hold is not null;
            if (old is not null && isHeld)
                File.Copy(path, RetainedPath(path, old.Version), overwrite: true);
            pointer.Commit(path, flushToDisk: !options.Recomputable);
            if (old is not null && !isHeld)
                TryDeleteData(DataPath(address, old.Version));
        }
        finally
        {
            gate.Release();
        }
    }

    private static void CheckConditions(BlobAddress address, BlobWriteOptions options, BlobPointer? current)
    {
        if (options.IfMatch is { } expected)
        {
            if (current?.Version != expected)
                throw new BlobPreconditionException(address);
        }
        else if (current is not null && !options.Overwrite)
        {
            throw new BlobConflictException(address);
        }
    }

    // Only names are held at once, to be put in order.
    private async Task<List<(string Name, string Path)>> NamesAsync(string container, string prefix, CancellationToken cancellationToken)
    {
        List<(string Name, string Path)> names = [];
        var folder = new DirectoryInfo(Path.Combine(_index, container));
        if (!folder.Exists)
            return names;

        foreach (var file in folder.EnumerateDirectories()
            .Where(shelf => BlobFileName.MayHold(shelf.Name, prefix))
            .SelectMany(shelf => shelf.EnumerateFiles()))
        {
            if (file.Name.Contains(VersionMark, StringComparison.Ordinal))
                continue;

            var name = BlobFileName.Decode(file.Name)
                ?? (await BlobPointer.ReadAsync(file.FullName, cancellationToken).ConfigureAwait(false))?.Name;
            if (name is not null && name.StartsWith(prefix, StringComparison.Ordinal))
                names.Add((name, file.FullName));
        }

        names.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return names;
    }

    // What cannot be deleted now is a leftover for the sweep; the write or delete that made it one has happened all the same.
    private bool TryDeleteData(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
                return false;

            var length = file.Length;
            file.Delete();
            Interlocked.Add(ref _usedBytes, -length);
            return true;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private SemaphoreSlim Gate(string path) => _locks[(uint)path.GetHashCode(StringComparison.Ordinal) % LockCount];

    private string PointerPath(BlobAddress address) => PathIn(_index, address);

    private string DataPath(BlobAddress address, string version) => $"{PathIn(_data, address)}{VersionMark}{version}";

    private static string PathIn(string root, BlobAddress address)
    {
        var file = BlobFileName.Encode(address.Name);
        return Path.Combine(root, address.Container, BlobFileName.ShelfOf(file), file);
    }
}
