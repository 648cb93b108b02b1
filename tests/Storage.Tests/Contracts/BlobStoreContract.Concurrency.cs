namespace TumorFunctions.Storage.Tests.Contracts;

public abstract partial class BlobStoreContract
{
    [Fact]
    public async Task Of_16_writers_of_a_new_blob_exactly_one_wins()
    {
        for (var round = 0; round < 4; round++)
        {
            var name = $"new-{round}";
            var won = await Task.WhenAll(Enumerable.Range(0, 16).Select(writer => Task.Run(
                () => WinsAsync<BlobConflictException>(name, writer, Plain))));

            Assert.Single(won, w => w);
            Assert.Equal(Version(Array.IndexOf(won, true)), await ReadAsync(name));
        }

        Assert.Equal(4, (await ListAsync()).Count);
    }

    [Fact]
    public async Task Of_two_conditional_writers_exactly_one_wins()
    {
        var current = await Store.WriteAsync(At("a"), Bytes("start"), Plain);
        for (var round = 0; round < 8; round++)
        {
            var options = Plain with { IfMatch = current.ETag };
            var won = await Task.WhenAll(Enumerable.Range(0, 2).Select(writer => Task.Run(
                () => WinsAsync<BlobPreconditionException>("a", writer, options))));

            Assert.Single(won, w => w);
            Assert.Equal(Version(Array.IndexOf(won, true)), await ReadAsync("a"));
            current = (await Store.GetPropertiesAsync(At("a")))!;
        }
    }

    [Fact]
    public async Task Readers_during_overwrites_see_one_whole_version()
    {
        await WriteAsync(0);
        using var done = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            var reads = 0;
            do
            {
                await using var open = await Store.OpenReadAsync(At("a"));
                var expected = Version(int.Parse(open.Properties.Metadata["version"]));
                var content = new MemoryStream();
                await open.Stream.CopyToAsync(content);
                Assert.Equal(expected.Length, open.Properties.Length);
                Assert.True(expected.AsSpan().SequenceEqual(content.ToArray()));
                Assert.Single(await ListAsync());
                reads++;
            }
            while (!done.IsCancellationRequested);
            return reads;
        })).ToArray();

        for (var version = 1; version <= 40; version++)
            await WriteAsync(version);
        await done.CancelAsync();

        Assert.All(await Task.WhenAll(readers), reads => Assert.True(reads > 0));

        Task WriteAsync(int version) => Store.WriteAsync(
            At("a"),
            new DribblingStream(Version(version)),
            Over with { Metadata = new Dictionary<string, string> { ["version"] = $"{version}" } });
    }

    [Fact]
    public async Task Readers_during_deletes_see_a_whole_blob_or_none()
    {
        var writer = Task.Run(async () =>
        {
            for (var i = 0; i < 40; i++)
            {
                await Store.WriteAsync(At("a"), new MemoryStream(Version(1)), Plain);
                Assert.True(await Store.DeleteAsync(At("a")));
            }
        });

        do
        {
            try
            {
                Assert.Equal(Version(1), await ReadAsync("a"));
            }
            catch (BlobNotFoundException)
            {
            }

            Assert.InRange((await ListAsync()).Count, 0, 1);
        }
        while (!writer.IsCompleted);
        await writer;
    }

    // Versions differ in length and in every byte, so that a mixture of two shows.
    private static byte[] Version(int version)
    {
        var content = new byte[50_000 + (version * 1000)];
        content.AsSpan().Fill((byte)(version + 1));
        return content;
    }

    private async Task<bool> WinsAsync<TRefusal>(string name, int writer, BlobWriteOptions options)
        where TRefusal : Exception
    {
        try
        {
            await Store.WriteAsync(At(name), new DribblingStream(Version(writer)), options);
            return true;
        }
        catch (TRefusal)
        {
            return false;
        }
    }
}
