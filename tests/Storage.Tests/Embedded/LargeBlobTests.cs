using System.Security.Cryptography;
using TumorFunctions.Storage.Embedded;

namespace TumorFunctions.Storage.Tests.Embedded;

/// <summary>Runs alone: it reads what the whole process has allocated.</summary>
[Collection(nameof(LargeBlobTests))]
[CollectionDefinition(nameof(LargeBlobTests), DisableParallelization = true)]
public sealed class LargeBlobTests : IDisposable
{
    private const long Length = 400L << 20;
    private const long Allowance = 16L << 20;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Four_hundred_megabytes_pass_through_little_memory_both_ways()
    {
        var store = new FileBlobStore(_folder.Path);
        var address = new BlobAddress("large", "volume.nii");
        using var source = new GeneratedStream(Length);
        using var expected = new GeneratedStream(Length);
        var before = GC.GetTotalAllocatedBytes(precise: true);

        var written = await store.WriteAsync(address, source, new BlobWriteOptions { ContentType = "application/octet-stream" });
        var afterWrite = GC.GetTotalAllocatedBytes(precise: true);
        await using var open = await store.OpenReadAsync(address);
        var hash = await SHA256.HashDataAsync(open.Stream);
        var afterRead = GC.GetTotalAllocatedBytes(precise: true);

        Assert.Equal(Length, written.Length);
        Assert.InRange(afterWrite - before, 0, Allowance);
        Assert.InRange(afterRead - afterWrite, 0, Allowance);
        Assert.Equal(await SHA256.HashDataAsync(expected), hash);
    }

    /// <summary>Bytes that depend on their position and repeat at no power of two.</summary>
    private sealed class GeneratedStream(long length) : Stream
    {
        private static readonly byte[] Pattern = CreatePattern();
        private long _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            var start = (int)(_position % Pattern.Length);
            var piece = (int)Math.Min(Math.Min(buffer.Length, Pattern.Length - start), length - _position);
            Pattern.AsSpan(start, piece).CopyTo(buffer);
            _position += piece;
            return piece;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(Read(buffer.Span));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private static byte[] CreatePattern()
        {
            var pattern = new byte[1_000_003];
            new Random(1).NextBytes(pattern);
            return pattern;
        }
    }
}
