using System.Net;
using System.Text;
using Azure.Storage.Blobs;
using TumorFunctions.Storage.AzureBlobs;
using TumorFunctions.Storage.Tests.Contracts;

namespace TumorFunctions.Storage.Tests.AzureBlobs;

[Collection(nameof(AzuriteAccount))]
public sealed class AzureBlobStoreTests(AzuriteAccount account) : IAsyncLifetime, IDisposable
{
    private const int BlockLength = 10_000;
    private static readonly BlobWriteOptions Over = new() { ContentType = "application/octet-stream", Overwrite = true };

    private readonly AzureBlobStore _store =
        new(account.Service, new AzureBlobOptions { BlockLength = BlockLength, CapacityAge = TimeSpan.FromHours(1) });

    private readonly string _container = $"blocks-{Guid.NewGuid():N}";

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => account.Service.GetBlobContainerClient(_container).DeleteIfExistsAsync();

    public void Dispose() => _store.Dispose();

    [Theory]
    [InlineData(BlockLength - 1)]
    [InlineData(BlockLength)]
    [InlineData(BlockLength + 1)]
    [InlineData(2 * BlockLength)]
    [InlineData(123_456)]
    public async Task Content_of_many_blocks_comes_back_in_order(int length)
    {
        var content = Random(length);

        var written = await _store.WriteAsync(At("a"), new DribblingStream(content), Over);

        Assert.Equal(length, written.Length);
        Assert.Equal(content, await ReadAsync("a"));
    }

    [Fact]
    public async Task A_blob_of_many_windows_reads_at_random_as_an_array_does()
    {
        var content = Random(100_000);
        await _store.WriteAsync(At("a"), new MemoryStream(content), Over);
        await using var open = await _store.OpenReadAsync(At("a"));
        var random = new Random(7);
        var buffer = new byte[25_000];
        for (var i = 0; i < 60; i++)
        {
            var start = random.Next(content.Length + 1000);
            var wanted = random.Next(buffer.Length);
            open.Stream.Position = start;
            var read = i % 2 == 0
                ? await open.Stream.ReadAtLeastAsync(buffer.AsMemory(0, wanted), wanted, throwOnEndOfStream: false)
                : open.Stream.ReadAtLeast(buffer.AsSpan(0, wanted), wanted, throwOnEndOfStream: false);
            Assert.Equal(Math.Clamp(content.Length - start, 0, wanted), read);
            Assert.True(content.AsSpan(Math.Min(start, content.Length), read).SequenceEqual(buffer.AsSpan(0, read)));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_large_blob_that_is_replaced_or_deleted_under_a_reader_is_refused_and_never_mixed(bool replace)
    {
        var first = Random(50_000);
        await _store.WriteAsync(At("a"), new MemoryStream(first), Over);
        await using var open = await _store.OpenReadAsync(At("a"));
        if (replace)
            await _store.WriteAsync(At("a"), new MemoryStream(new byte[50_000]), Over);
        else
            await _store.DeleteAsync(At("a"));

        var held = new byte[BlockLength];
        await open.Stream.ReadExactlyAsync(held);
        Assert.Equal(first[..BlockLength], held);
        await Assert.ThrowsAsync<BlobPreconditionException>(() => open.Stream.CopyToAsync(Stream.Null));
        Assert.Throws<BlobPreconditionException>(() => open.Stream.ReadByte());
    }

    [Fact]
    public async Task Writers_of_many_blocks_never_commit_a_mixture()
    {
        const int Writers = 8;
        var versions = Enumerable.Range(0, Writers)
            .Select(writer => Enumerable.Repeat((byte)(writer + 1), 45_000 + (writer * 1000)).ToArray()).ToArray();
        for (var round = 0; round < 3; round++)
        {
            var options = round % 2 == 0 ? Over : Over with { Overwrite = false };
            var name = $"a{round}";
            var written = await Task.WhenAll(versions.Select(version => Task.Run(async () =>
            {
                try
                {
                    await _store.WriteAsync(At(name), new DribblingStream(version), options);
                    return true;
                }
                catch (StorageException refusal)
                {
                    Assert.True(refusal is StorageUnavailableException == options.Overwrite && refusal is BlobConflictException != options.Overwrite);
                    return false;
                }
            })));

            Assert.Contains(true, written);
            Assert.True(options.Overwrite || written.Count(w => w) == 1);
            var read = await ReadAsync(name);
            var winner = Assert.Single(Enumerable.Range(0, Writers), writer => versions[writer].AsSpan().SequenceEqual(read));
            Assert.True(written[winner]);
        }
    }

    [Fact]
    public async Task A_large_write_that_is_sure_to_be_refused_reads_no_further_than_its_first_block()
    {
        await _store.WriteAsync(At("a"), new MemoryStream([1]), Over);
        var conflict = new MemoryStream(new byte[10 * BlockLength]);
        var changed = new MemoryStream(new byte[10 * BlockLength]);

        await Assert.ThrowsAsync<BlobConflictException>(() => _store.WriteAsync(At("a"), conflict, Over with { Overwrite = false }));
        await Assert.ThrowsAsync<BlobPreconditionException>(() => _store.WriteAsync(At("a"), changed, Over with { IfMatch = "\"0x1\"" }));

        Assert.Equal(BlockLength, conflict.Position);
        Assert.Equal(BlockLength, changed.Position);
    }

    [Theory]
    [InlineData("*")]
    [InlineData("")]
    [InlineData("a\r\nb")]
    [InlineData("版本")]
    public async Task An_etag_that_no_version_can_have_matches_none(string etag)
    {
        await _store.WriteAsync(At("a"), new MemoryStream([1]), Over);

        await Assert.ThrowsAsync<BlobPreconditionException>(
            () => _store.WriteAsync(At("a"), new MemoryStream([2]), Over with { IfMatch = etag }));

        Assert.Equal([1], await ReadAsync("a"));
    }

    [Fact]
    public async Task The_capacity_is_kept_for_its_age()
    {
        var before = await _store.GetCapacityAsync();
        await _store.WriteAsync(At("a"), new MemoryStream(new byte[1000]), Over);

        Assert.Equal(before, await _store.GetCapacityAsync());
        Assert.Null(before.TotalBytes);
        using var fresh = new AzureBlobStore(account.Service);
        Assert.Equal(before.UsedBytes + 1000, (await fresh.GetCapacityAsync()).UsedBytes);
    }

    [Fact]
    public async Task A_service_that_does_not_answer_is_told_as_unavailable()
    {
        var options = new BlobClientOptions { Retry = { MaxRetries = 1, Delay = TimeSpan.FromMilliseconds(1) } };
        var nobody = new BlobServiceClient("UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://127.0.0.1:1", options);
        using var store = new AzureBlobStore(nobody);

        var refusal = await Assert.ThrowsAsync<StorageUnavailableException>(() => store.GetPropertiesAsync(At("a")));
        Assert.Equal(503, refusal.StatusCode);
        await Assert.ThrowsAsync<StorageUnavailableException>(() => store.OpenReadAsync(At("a")));
        await Assert.ThrowsAsync<StorageUnavailableException>(() => store.WriteAsync(At("a"), new MemoryStream([1]), Over));
        await Assert.ThrowsAsync<StorageUnavailableException>(() => store.DeleteAsync(At("a")));
        await Assert.ThrowsAsync<StorageUnavailableException>(() => store.GetCapacityAsync());
    }

    [Fact]
    public async Task An_upload_url_writes_its_blob_whole_or_in_blocks_and_does_nothing_else()
    {
        var urls = new AzureUploadUrls(account.Service, TimeProvider.System);
        var upload = await urls.CreateAsync(At("脑/a b.png"), "image/png", 1000, TimeSpan.FromMinutes(10));
        using var client = new HttpClient();

        Assert.Equal(HttpStatusCode.Created, await PutAsync(upload.Url, "whole", upload.Headers));
        await using (var open = await _store.OpenReadAsync(At("脑/a b.png")))
        {
            Assert.Equal("image/png", open.Properties.ContentType);
            Assert.Equal("whole", await new StreamReader(open.Stream).ReadToEndAsync());
        }

        var id = Convert.ToBase64String("block-00"u8);
        Assert.Equal(HttpStatusCode.Created, await PutAsync(new Uri($"{upload.Url}&comp=block&blockid={Uri.EscapeDataString(id)}"), "blocks"));
        Assert.Equal(
            HttpStatusCode.Created,
            await PutAsync(new Uri($"{upload.Url}&comp=blocklist"), $"<?xml version=\"1.0\"?><BlockList><Latest>{id}</Latest></BlockList>"));
        Assert.Equal("blocks", Encoding.UTF8.GetString(await ReadAsync("脑/a b.png")));

        using var read = await client.GetAsync(upload.Url);
        using var delete = await client.DeleteAsync(upload.Url);
        var other = new UriBuilder(upload.Url) { Path = upload.Url.AbsolutePath + "x" }.Uri;
        Assert.Equal(HttpStatusCode.Forbidden, read.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, delete.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, await PutAsync(other, "other", upload.Headers));
        Assert.InRange(upload.ExpiresAt, DateTimeOffset.UtcNow.AddMinutes(9), DateTimeOffset.UtcNow.AddMinutes(10));

        async Task<HttpStatusCode> PutAsync(Uri url, string body, IReadOnlyDictionary<string, string>? headers = null)
        {
            using var request = new HttpRequestMessage(HttpMethod.Put, url) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
            foreach (var (name, value) in headers ?? new Dictionary<string, string>())
            {
                if (!request.Headers.TryAddWithoutValidation(name, value))
                    request.Content.Headers.TryAddWithoutValidation(name, value);
            }

            using var answer = await client.SendAsync(request);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task An_upload_url_ends_with_its_lifetime()
    {
        var urls = new AzureUploadUrls(account.Service, new Past());
        var upload = await urls.CreateAsync(At("a"), "image/png", 1000, TimeSpan.FromMinutes(10));
        using var client = new HttpClient();
        using var body = new ByteArrayContent([1]);
        body.Headers.TryAddWithoutValidation("x-ms-blob-type", "BlockBlob");

        using var answer = await client.PutAsync(upload.Url, body);

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Null(await _store.GetPropertiesAsync(At("a")));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => urls.CreateAsync(At("a"), "image/png", 1, TimeSpan.FromDays(8)));
        await Assert.ThrowsAsync<StorageAddressException>(() => urls.CreateAsync(At("a/../b"), "image/png", 1, TimeSpan.FromDays(1)));
    }

    private BlobAddress At(string name) => new(_container, name);

    private async Task<byte[]> ReadAsync(string name)
    {
        await using var open = await _store.OpenReadAsync(At(name));
        var content = new MemoryStream();
        await open.Stream.CopyToAsync(content);
        return content.ToArray();
    }

    private static byte[] Random(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        return content;
    }

    private sealed class Past : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UtcNow.AddHours(-1);
    }
}
