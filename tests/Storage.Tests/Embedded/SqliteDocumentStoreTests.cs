using Microsoft.Data.Sqlite;
using TumorFunctions.Storage.Embedded;

namespace TumorFunctions.Storage.Tests.Embedded;

/// <summary>What the SQLite store promises beyond the contract: its file, its declaration, its end.</summary>
public sealed class SqliteDocumentStoreTests : IDisposable
{
    private static readonly DocumentAddress Address = new("images", "p", "1");

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_later_process_finds_everything_whatever_it_declares_as_indexed()
    {
        Document<Scan> written;
        await using (var store = Open("score"))
            written = await store.CreateAsync(Address, new Scan(1));

        foreach (var indexed in new string[][] { [], ["score", "name"], ["score", "score"] })
        {
            await using var store = Open(indexed);
            Assert.Equal(written, await store.ReadAsync<Scan>(Address));
            var query = new DocumentQuery { OrderBy = "score", Filters = [new DocumentFilter.Equal("score", 1)] };
            Assert.Equal(written, Assert.Single(await store.QueryAsync<Scan>("images", "p", query)));
        }
    }

    [Fact]
    public async Task Closing_leaves_one_file()
    {
        await using (var store = Open("score"))
        {
            await store.CreateAsync(Address, new Scan(1));
            await store.ReadAsync<Scan>(Address);
        }

        Assert.Equal([DatabasePath], Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task A_closed_store_says_so()
    {
        var store = Open();
        await store.DisposeAsync();
        await store.DisposeAsync();
        store.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => store.ReadAsync<Scan>(Address));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => store.UpsertAsync(Address, new Scan(1)));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => store.ProbeAsync());
    }

    [Fact]
    public async Task Closing_waits_for_the_calls_that_have_begun_and_refuses_the_others()
    {
        var store = Open();
        var calls = Enumerable.Range(0, 64).Select(i => Task.Run(async () =>
        {
            try
            {
                await store.UpsertAsync(Address with { Id = $"{i}" }, new Scan(i));
                return (int?)i;
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
        })).ToArray();

        await Task.WhenAny(calls);
        await Task.WhenAll(store.DisposeAsync().AsTask(), Task.Run(store.Dispose));

        var acknowledged = (await Task.WhenAll(calls)).OfType<int>().Order().ToArray();
        await using var later = Open();
        var found = await later.QueryAsync<Scan>("images", "p", new DocumentQuery { OrderBy = "score" });
        Assert.NotEmpty(acknowledged);
        Assert.Equal(acknowledged, found.Select(document => document.Value.Score));
    }

    [Fact]
    public void Other_programs_databases_and_newer_ones_are_left_alone()
    {
        Change("CREATE TABLE theirs(x)");
        var theirs = Assert.Throws<InvalidDataException>(() => Open());
        Assert.Contains("another program", theirs.Message, StringComparison.Ordinal);

        File.Delete(DatabasePath);
        Open().Dispose();
        Change("PRAGMA user_version=1000");
        var newer = Assert.Throws<InvalidDataException>(() => Open());
        Assert.Contains("1000", newer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Images")]
    [InlineData("1images")]
    [InlineData("a.b")]
    [InlineData("x\"(a); DROP TABLE y; --")]
    [InlineData("a123456789012345678901234567890123456789012345678901234567890123")]
    public void Names_in_the_declaration_follow_the_rules(string name)
    {
        Assert.Throws<StorageAddressException>(() => new SqliteDocumentStore(DatabasePath, [new DocumentContainer(name, [])]));
        Assert.False(File.Exists(DatabasePath));
    }

    [Fact]
    public async Task A_long_query_can_be_cancelled_and_its_reader_serves_on()
    {
        await using var store = Open();
        var text = new string('x', 20_000);
        await store.ExecuteBatchAsync(
            "images", "p", [.. Enumerable.Range(0, 500).Select(i => new DocumentWrite.Create($"{i}", new { name = text }))]);
        var slow = new DocumentQuery
        {
            Filters = [.. Enumerable.Range(0, 200).Select(i => new DocumentFilter.Contains(["name"], "x"))],
        };
        using var cancellation = new CancellationTokenSource();

        var counting = Task.Run(() => store.CountAsync("images", "p", slow, cancellation.Token));
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => counting);
        Assert.Equal(500, await store.CountAsync("images", "p", new DocumentQuery()));
    }

    private string DatabasePath => _folder.Combine("documents.db");

    private SqliteDocumentStore Open(params string[] indexed) => new(DatabasePath, [new DocumentContainer("images", indexed)]);

    private void Change(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={DatabasePath};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The test's own text.
        command.CommandText = sql;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    private sealed record Scan(int Score);
}
