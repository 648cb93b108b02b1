using System.Security.Cryptography;
using System.Text;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Inbox;

/// <summary>
/// The blocks of one upload, a file each, until they are put together. A block is seen whole or not at all, and one that comes again
/// replaces the one before.
/// </summary>
public sealed class BlockFolder
{
    private const string Draft = ".draft";
    private const string DoneMark = "done";
    private const int MaxBlocks = 50_000;

    private readonly string _path;
    private readonly long _maxBytes;

    /// <param name="root">Where the folders of all uploads are.</param>
    /// <param name="token">Tells this upload from others.</param>
    public BlockFolder(string root, string token, long maxBytes)
    {
        _path = Path.Combine(root, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token))));
        _maxBytes = maxBytes;
    }

    /// <summary>Whether the blob was written.</summary>
    public bool IsDone => File.Exists(Path.Combine(_path, DoneMark));

    /// <exception cref="TooLargeException">The blocks together are longer than the upload may be.</exception>
    public async Task WriteAsync(string blockId, Stream content, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_path);
        var target = PathOf(blockId);
        var others = new DirectoryInfo(_path).GetFiles().Where(file => file.Extension != Draft && file.FullName != target).ToArray();
        if (others.Length >= MaxBlocks)
        {
            throw new ValidationException($"上传的数据块不能超过 {MaxBlocks} 个");
        }

        var draft = Path.Combine(_path, Guid.NewGuid().ToString("N") + Draft);
        try
        {
            await using (var file = File.Create(draft))
            {
                var left = _maxBytes - others.Sum(other => other.Length);
                await new LimitedStream(content, left, () => TooLarge(_maxBytes)).CopyToAsync(file, cancellationToken);
            }

            File.Move(draft, target, overwrite: true);
        }
        finally
        {
            File.Delete(draft);
        }
    }

    /// <summary>The content of blocks one after the other.</summary>
    /// <exception cref="ValidationException">There is no such block.</exception>
    public Stream Open(IReadOnlyList<string> blockIds)
    {
        var missing = blockIds.FirstOrDefault(id => !File.Exists(PathOf(id)));
        return missing is null
            ? new JoinedStream([.. blockIds.Select(PathOf)])
            : throw new ValidationException($"数据块 {missing} 尚未上传");
    }

    /// <summary>Length of the content that came in ranges, from its start.</summary>
    public long RangeLength => File.Exists(RangePath) ? new FileInfo(RangePath).Length : 0;

    /// <summary>Appends a range; the part of it that came is kept when the sender breaks off, and is where the next range begins.</summary>
    public async Task AppendAsync(Stream content, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(_path);
        await using var file = new FileStream(RangePath, FileMode.Append, FileAccess.Write, FileShare.Read);
        await content.CopyToAsync(file, cancellationToken);
    }

    public FileStream OpenRange() => new(RangePath, FileMode.Open, FileAccess.Read, FileShare.Read, 128 * 1024, useAsync: true);

    /// <summary>Marks that the blob was written, and lets go of the blocks.</summary>
    public void Finish()
    {
        Directory.CreateDirectory(_path);
        File.WriteAllBytes(Path.Combine(_path, DoneMark), []);
        foreach (var file in Directory.EnumerateFiles(_path).Where(file => Path.GetFileName(file) != DoneMark))
        {
            File.Delete(file);
        }
    }

    /// <summary>Deletes uploads that nothing was written to since a time; returns how many.</summary>
    public static int Sweep(string root, DateTimeOffset before)
    {
        var swept = 0;
        foreach (var folder in Directory.Exists(root) ? new DirectoryInfo(root).GetDirectories() : [])
        {
            if (folder.GetFiles().Select(file => file.LastWriteTimeUtc).Append(folder.LastWriteTimeUtc).Max() < before.UtcDateTime)
            {
                folder.Delete(recursive: true);
                swept++;
            }
        }

        return swept;
    }

    public static TooLargeException TooLarge(long maxBytes) => new($"上传内容超过申请的 {maxBytes} 字节");

    private string RangePath => Path.Combine(_path, "range");

    private string PathOf(string blockId) => Path.Combine(_path, Convert.ToHexStringLower(Encoding.UTF8.GetBytes(blockId)));

    /// <summary>Files read one after the other, one open at a time.</summary>
    private sealed class JoinedStream(IReadOnlyList<string> paths) : ReadOnlyStream
    {
        private FileStream? _current;
        private int _next;

        public override int Read(Span<byte> buffer) => throw new NotSupportedException("Uploads are read asynchronously.");

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (true)
            {
                if (_current is not null && await _current.ReadAsync(buffer, cancellationToken) is var read and > 0)
                {
                    return read;
                }

                if (_next == paths.Count)
                {
                    return 0;
                }

                await (_current?.DisposeAsync() ?? ValueTask.CompletedTask);
                _current = new FileStream(paths[_next], FileMode.Open, FileAccess.Read, FileShare.Read, 1, useAsync: true);
                _next++;
            }
        }

        protected override void Dispose(bool disposing)
        {
            _current?.Dispose();
            base.Dispose(disposing);
        }
    }
}
