using System.Text;

namespace TumorFunctions.Storage.Tests.Contracts;

/// <summary>
/// What every <see cref="IBlobStore"/> promises. An adapter's tests derive from it and give a store and the name of a container
/// that no other test uses; the container need not exist.
/// </summary>
public abstract partial class BlobStoreContract : IAsyncLifetime
{
    private IBlobStore Store { get; set; } = null!;

    private string Container { get; } = $"contract-{Guid.NewGuid():N}";

    public async Task InitializeAsync() => Store = await OpenAsync();

    public Task DisposeAsync() => CloseAsync(Container);

    protected abstract Task<IBlobStore> OpenAsync();

    /// <summary>Closes the store; a shared one drops what the test has left in <paramref name="container"/>.</summary>
    protected abstract Task CloseAsync(string container);

    [Fact]
    public async Task In_a_container_that_does_not_exist_there_is_nothing()
    {
        Assert.Empty(await ListAsync());
        Assert.Null(await Store.GetPropertiesAsync(At("a")));
        Assert.False(await Store.DeleteAsync(At("a")));
        var refusal = await Assert.ThrowsAsync<BlobNotFoundException>(() => Store.OpenReadAsync(At("a")));
        Assert.Equal(404, refusal.StatusCode);
    }

    [Fact]
    public async Task What_is_written_is_told_alike_by_write_properties_read_and_list()
    {
        var before = DateTimeOffset.UtcNow.AddMinutes(-5);
        var options = new BlobWriteOptions
        {
            ContentType = "image/png",
            Metadata = new Dictionary<string, string> { ["image_id"] = "7", ["note"] = "a \"quoted\" <value> ~ %41", ["n2"] = "x=1; y" },
        };

        var written = await Store.WriteAsync(At("a/b.png"), Bytes("content"), options);

        Assert.Equal(At("a/b.png"), written.Address);
        Assert.Equal(7, written.Length);
        Assert.Equal("image/png", written.ContentType);
        Assert.NotEmpty(written.ETag);
        Assert.InRange(written.LastModified, before, DateTimeOffset.UtcNow.AddMinutes(5));
        Assert.Equal(TimeSpan.Zero, written.LastModified.Offset);
        Assert.Equal(options.Metadata, written.Metadata);
        await using var open = await Store.OpenReadAsync(At("a/b.png"));
        AssertSame(written, open.Properties);
        AssertSame(written, await Store.GetPropertiesAsync(At("a/b.png")));
        AssertSame(written, Assert.Single(await ListAsync()));
        Assert.Equal("content", await TextAsync(open));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData((128 * 1024) - 1)]
    [InlineData(128 * 1024)]
    [InlineData((4 << 20) + 1)]
    public async Task Content_of_any_length_comes_back_from_a_stream_that_dribbles_and_cannot_seek(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);

        var written = await Store.WriteAsync(At("a"), new DribblingStream(content), Plain);

        Assert.Equal(length, written.Length);
        Assert.Equal(content, await ReadAsync("a"));
    }

    [Fact]
    public async Task An_open_blob_can_be_sought_in()
    {
        var content = new byte[300_000];
        new Random(1).NextBytes(content);
        await Store.WriteAsync(At("a"), new MemoryStream(content), Plain);

        await using var open = await Store.OpenReadAsync(At("a"));

        Assert.True(open.Stream is { CanSeek: true, CanRead: true, CanWrite: false });
        Assert.Equal(content.Length, open.Stream.Length);
        var part = new byte[1000];
        foreach (var start in new[] { 299_000, 0, 150_001 })
        {
            open.Stream.Seek(start, SeekOrigin.Begin);
            await open.Stream.ReadExactlyAsync(part);
            Assert.Equal(content[start..(start + part.Length)], part);
        }

        open.Stream.Seek(0, SeekOrigin.End);
        Assert.Equal(0, await open.Stream.ReadAsync(part));
    }

    [Fact]
    public async Task Writing_over_a_blob_needs_leave()
    {
        var first = await Store.WriteAsync(At("a"), Bytes("first"), Plain);
        var refusal = await Assert.ThrowsAsync<BlobConflictException>(() => Store.WriteAsync(At("a"), Bytes("second"), Plain));
        Assert.Equal(409, refusal.StatusCode);
        AssertSame(first, await Store.GetPropertiesAsync(At("a")));

        var html = new BlobWriteOptions { ContentType = "text/html", Overwrite = true };
        var third = await Store.WriteAsync(At("a"), Bytes("third!"), html);

        Assert.NotEqual(first.ETag, third.ETag);
        AssertSame(third, Assert.Single(await ListAsync()));
        Assert.Equal("third!", Encoding.UTF8.GetString(await ReadAsync("a")));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_conditional_write_needs_the_version_it_names(bool overwrite)
    {
        var absent = new BlobWriteOptions { ContentType = "text/plain", Overwrite = overwrite, IfMatch = "\"0x0\"" };
        var missing = await Assert.ThrowsAsync<BlobPreconditionException>(() => Store.WriteAsync(At("a"), Bytes("x"), absent));
        Assert.Equal(412, missing.StatusCode);
        Assert.Null(await Store.GetPropertiesAsync(At("a")));

        var first = await Store.WriteAsync(At("a"), Bytes("same"), Plain);
        var second = await Store.WriteAsync(At("a"), Bytes("same"), absent with { IfMatch = first.ETag });
        Assert.NotEqual(first.ETag, second.ETag);
        await Assert.ThrowsAsync<BlobPreconditionException>(
            () => Store.WriteAsync(At("a"), Bytes("late"), absent with { IfMatch = first.ETag }));

        await Store.DeleteAsync(At("a"));
        await Assert.ThrowsAsync<BlobPreconditionException>(
            () => Store.WriteAsync(At("a"), Bytes("late"), absent with { IfMatch = second.ETag }));
        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task Delete_tells_whether_there_was_something()
    {
        await Store.WriteAsync(At("a"), Bytes("x"), Plain);
        await Store.WriteAsync(At("a/b"), Bytes("y"), Plain);

        Assert.True(await Store.DeleteAsync(At("a")));
        Assert.False(await Store.DeleteAsync(At("a")));

        Assert.Null(await Store.GetPropertiesAsync(At("a")));
        await Assert.ThrowsAsync<BlobNotFoundException>(() => Store.OpenReadAsync(At("a")));
        Assert.Equal(["a/b"], await NamesAsync());
        await Store.WriteAsync(At("a"), Bytes("again"), Plain);
    }

    [Fact]
    public async Task An_open_blob_outlives_its_overwrite_and_its_delete()
    {
        var content = new byte[1 << 20];
        new Random(2).NextBytes(content);
        await Store.WriteAsync(At("a"), new MemoryStream(content), Plain);
        await using var first = await Store.OpenReadAsync(At("a"));
        await Store.WriteAsync(At("a"), Bytes("second"), Over);
        await using var second = await Store.OpenReadAsync(At("a"));
        await Store.DeleteAsync(At("a"));

        var read = new MemoryStream();
        await first.Stream.CopyToAsync(read);

        Assert.Equal(content, read.ToArray());
        Assert.Equal("second", await TextAsync(second));
    }

    [Fact]
    public async Task A_write_whose_source_fails_or_is_cancelled_leaves_things_as_they_were()
    {
        await Store.WriteAsync(At("old"), Bytes("old"), Plain);

        foreach (var name in new[] { "old", "new" })
        {
            using var cancellation = new CancellationTokenSource();
            await Assert.ThrowsAsync<IOException>(
                () => Store.WriteAsync(At(name), new DribblingStream(new byte[400_000], () => throw new IOException("cut off")), Over));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.WriteAsync(
                At(name), new DribblingStream(new byte[400_000], cancellation.Cancel), Over, cancellation.Token));
        }

        Assert.Equal(["old"], await NamesAsync());
        Assert.Equal("old", Encoding.UTF8.GetString(await ReadAsync("old")));
    }

    [Fact]
    public async Task A_cancelled_call_does_nothing()
    {
        var cancelled = new CancellationToken(canceled: true);
        await Store.WriteAsync(At("a"), Bytes("x"), Plain);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.WriteAsync(At("b"), Bytes("x"), Plain, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.GetPropertiesAsync(At("a"), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.OpenReadAsync(At("a"), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.DeleteAsync(At("a"), cancelled));
        Assert.Equal(["a"], await NamesAsync());
    }

    [Fact]
    public async Task A_blob_that_is_being_written_is_not_seen()
    {
        await Store.WriteAsync(At("old"), Bytes("old"), Plain);
        List<string> seen = [];
        await Store.WriteAsync(At("new"), new DribblingStream(new byte[300_000], Look), Plain);
        await Store.WriteAsync(At("old"), new DribblingStream(new byte[300_000], Look), Over);

        Assert.Equal(["old=3", "new=300000,old=3"], seen);
        Assert.Equal(["new", "old"], await NamesAsync());

        void Look() => seen.Add(string.Join(
            ',', Store.ListAsync(Container).ToBlockingEnumerable().Select(blob => $"{blob.Address.Name}={blob.Length}")));
    }

    [Fact]
    public async Task The_capacity_follows_writes_overwrites_and_deletes()
    {
        var empty = await Store.GetCapacityAsync();
        Assert.True(empty.TotalBytes is null || empty.TotalBytes >= empty.UsedBytes);
        await Store.WriteAsync(At("a"), new MemoryStream(new byte[10_000]), Plain);
        await Store.WriteAsync(At("b"), new MemoryStream(new byte[500]), Plain);
        Assert.Equal(10_500, await UsedAsync());

        await Store.WriteAsync(At("a"), new MemoryStream(new byte[7]), Over);
        Assert.Equal(507, await UsedAsync());

        await Assert.ThrowsAsync<BlobConflictException>(() => Store.WriteAsync(At("a"), new MemoryStream(new byte[7]), Plain));
        await Assert.ThrowsAsync<IOException>(
            () => Store.WriteAsync(At("a"), new DribblingStream(new byte[400_000], () => throw new IOException("cut off")), Over));
        Assert.Equal(507, await UsedAsync());

        await Store.DeleteAsync(At("a"));
        await Store.DeleteAsync(At("b"));
        Assert.Equal(0, await UsedAsync());

        async Task<long> UsedAsync() => (await Store.GetCapacityAsync()).UsedBytes - empty.UsedBytes;
    }

    private static BlobWriteOptions Plain { get; } = new() { ContentType = "text/plain" };

    private static BlobWriteOptions Over { get; } = Plain with { Overwrite = true };

    private BlobAddress At(string name) => new(Container, name);

    private static MemoryStream Bytes(string text) => new(Encoding.UTF8.GetBytes(text));

    private static async Task<string> TextAsync(BlobContent blob)
    {
        using var reader = new StreamReader(blob.Stream, Encoding.UTF8, leaveOpen: true);
        return await reader.ReadToEndAsync();
    }

    private async Task<byte[]> ReadAsync(string name)
    {
        await using var open = await Store.OpenReadAsync(At(name));
        var content = new byte[open.Properties.Length];
        await open.Stream.ReadExactlyAsync(content);
        Assert.Equal(-1, open.Stream.ReadByte());
        return content;
    }

    private async Task<List<BlobProperties>> ListAsync(string prefix = "")
    {
        List<BlobProperties> blobs = [];
        await foreach (var blob in Store.ListAsync(Container, prefix))
            blobs.Add(blob);
        return blobs;
    }

    private async Task<List<string>> NamesAsync(string prefix = "") => [.. (await ListAsync(prefix)).Select(blob => blob.Address.Name)];

    private static void AssertSame(BlobProperties expected, BlobProperties? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Metadata, actual.Metadata);
        Assert.Equal(expected with { Metadata = actual.Metadata }, actual);
    }
}
