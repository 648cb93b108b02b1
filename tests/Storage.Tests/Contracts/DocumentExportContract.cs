using System.Text;
using System.Text.Json;

namespace TumorFunctions.Storage.Tests.Contracts;

/// <summary>What every <see cref="IDocumentExport"/> promises beside its <see cref="IDocumentStore"/>.</summary>
public abstract class DocumentExportContract
{
    private const string Main = "export";
    private const string Other = "export-other";

    /// <summary>What the store under test has to declare; it is this test's alone, and empty.</summary>
    protected static IReadOnlyList<DocumentContainer> Containers { get; } = [new(Main, ["n"]), new(Other, [])];

    protected abstract IDocumentStore Store { get; }

    protected abstract IDocumentExport Export { get; }

    [Fact]
    public async Task A_snapshot_holds_every_document_of_every_partition_once_page_by_page()
    {
        Dictionary<DocumentAddress, string> written = [];
        var random = new Random(11);
        for (var i = 0; i < 2500; i++)
        {
            var address = new DocumentAddress(i % 7 == 0 ? Other : Main, $"p{random.Next(5)}", $"d{i}");
            var item = new Item(i, new string('脑', random.Next(60)));
            await Store.CreateAsync(address, item);
            written.Add(address, item.Text);
        }

        var snapshot = await Export.BeginSnapshotAsync("first");

        Assert.Equal([Main, Other], snapshot.Containers.Order(StringComparer.Ordinal));
        Assert.True(snapshot.Documents is null or 2500);
        Dictionary<DocumentAddress, string> read = [];
        foreach (var container in snapshot.Containers)
        {
            await foreach (var document in ReadAsync("first", container))
                read.Add(document.Address, JsonDocument.Parse(document.Json).RootElement.GetProperty("text").GetString()!);
        }

        Assert.Equal(written.OrderBy(pair => pair.Key.Id), read.OrderBy(pair => pair.Key.Id));
    }

    [Fact]
    public async Task A_page_is_the_same_whenever_it_is_asked_for()
    {
        for (var i = 0; i < 1500; i++)
            await Store.CreateAsync(new DocumentAddress(Main, "p", $"d{i}"), new Item(i, "x"));
        await Export.BeginSnapshotAsync("again");
        var first = await Export.ReadSnapshotAsync("again", Main, null);

        Assert.NotNull(first.Continuation);
        var second = await Export.ReadSnapshotAsync("again", Main, first.Continuation);
        var repeated = await Export.ReadSnapshotAsync("again", Main, first.Continuation);

        Assert.Equal(second.Documents.Select(d => (d.Address, d.ETag)), repeated.Documents.Select(d => (d.Address, d.ETag)));
        Assert.Empty(first.Documents.Select(d => d.Address).Intersect(second.Documents.Select(d => d.Address)));
    }

    [Fact]
    public async Task Writes_after_a_snapshot_do_not_reach_one_of_a_moment()
    {
        var kept = new DocumentAddress(Main, "p", "kept");
        var gone = new DocumentAddress(Main, "p", "gone");
        await Store.CreateAsync(kept, new Item(1, "before"));
        await Store.CreateAsync(gone, new Item(2, "before"));
        var snapshot = await Export.BeginSnapshotAsync("still");
        if (!snapshot.IsPointInTime)
            return;

        await Store.UpsertAsync(kept, new Item(1, "after"));
        await Store.DeleteAsync(gone);
        await Store.CreateAsync(new DocumentAddress(Main, "p", "new"), new Item(3, "after"));
        Assert.Equal(snapshot.TakenAt, (await Export.BeginSnapshotAsync("still")).TakenAt);

        List<StoredDocument> documents = [];
        await foreach (var document in ReadAsync("still", Main))
            documents.Add(document);
        Assert.Equal(["gone", "kept"], documents.Select(d => d.Address.Id).Order(StringComparer.Ordinal));
        Assert.All(documents, d => Assert.Contains("before", Encoding.UTF8.GetString(d.Json.Span), StringComparison.Ordinal));
        Assert.All(documents, d => Assert.True(d.ChangedAt <= snapshot.TakenAt));
    }

    [Fact]
    public async Task One_snapshot_is_held_and_one_given_up_is_gone()
    {
        await Export.BeginSnapshotAsync("one");
        await Export.BeginSnapshotAsync("two");
        await Assert.ThrowsAsync<SnapshotNotFoundException>(() => Export.ReadSnapshotAsync("one", Main, null));
        Assert.Empty((await Export.ReadSnapshotAsync("two", Main, null)).Documents);

        await Export.EndSnapshotAsync("two");
        await Export.EndSnapshotAsync("two");
        await Assert.ThrowsAsync<SnapshotNotFoundException>(() => Export.ReadSnapshotAsync("two", Main, null));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../x")]
    [InlineData("A")]
    public async Task Names_that_break_the_rules_are_refused(string name) =>
        await Assert.ThrowsAsync<StorageAddressException>(() => Export.BeginSnapshotAsync(name));

    [Fact]
    public async Task Unknown_containers_and_continuations_are_refused()
    {
        await Export.BeginSnapshotAsync("s");
        await Assert.ThrowsAsync<StorageAddressException>(() => Export.ReadSnapshotAsync("s", "nobody", null));
        await Assert.ThrowsAsync<StorageAddressException>(() => Export.ReadSnapshotAsync("s", Main, "1; DROP TABLE x"));
    }

    [Fact]
    public async Task Every_write_notes_its_time()
    {
        var address = new DocumentAddress(Main, "p", "a");
        await Store.CreateAsync(address, new Item(1, "x"));
        var created = await ChangedAsync();
        await Task.Delay(1100);
        await Store.UpsertAsync(address, new Item(2, "y"));
        var upserted = await ChangedAsync();
        await Task.Delay(1100);
        await Store.IncrementAsync(address, new Dictionary<string, long> { ["n"] = 1 });
        var incremented = await ChangedAsync();
        await Task.Delay(1100);
        var etag = (await Store.ReadAsync<Item>(address))!.ETag;
        await Store.ReplaceAsync(address, new Item(4, "z"), etag);

        Assert.True(created < upserted && upserted < incremented && incremented < await ChangedAsync());
        Assert.InRange(created, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddSeconds(1));

        async Task<DateTimeOffset> ChangedAsync() => (await Export.ReadStoredAsync(address))!.ChangedAt;
    }

    [Fact]
    public async Task A_stored_document_is_written_back_as_it_was_and_only_under_its_condition()
    {
        var address = new DocumentAddress(Main, "p", "a");
        var json = """{"n":1,"text":"脑 \u00e9","unknown":{"deep":[1,2.50,null]}}"""u8.ToArray();
        Assert.Null(await Export.ReadStoredAsync(address));
        await Assert.ThrowsAsync<DocumentNotFoundException>(() => Export.WriteStoredAsync(address, json, "etag"));

        await Export.WriteStoredAsync(address, json, null);
        var stored = (await Export.ReadStoredAsync(address))!;
        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(json).RootElement, JsonDocument.Parse(stored.Json).RootElement));
        Assert.Equal("脑 é", (await Store.ReadAsync<Item>(address))!.Value.Text);

        await Assert.ThrowsAsync<DocumentConflictException>(() => Export.WriteStoredAsync(address, json, null));
        await Export.WriteStoredAsync(address, """{"n":2,"text":""}"""u8.ToArray(), stored.ETag);
        await Assert.ThrowsAsync<DocumentPreconditionException>(() => Export.WriteStoredAsync(address, json, stored.ETag));
        Assert.Equal(2, (await Store.ReadAsync<Item>(address))!.Value.N);
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("{} {}")]
    public async Task What_is_no_object_is_refused(string json) =>
        await Assert.ThrowsAsync<ArgumentException>(
            () => Export.WriteStoredAsync(new DocumentAddress(Main, "p", "a"), Encoding.UTF8.GetBytes(json), null));

    private async IAsyncEnumerable<StoredDocument> ReadAsync(string snapshot, string container)
    {
        string? continuation = null;
        do
        {
            var page = await Export.ReadSnapshotAsync(snapshot, container, continuation);
            foreach (var document in page.Documents)
                yield return document;
            continuation = page.Continuation;
        }
        while (continuation is not null);
    }

    private sealed record Item(int N, string Text);
}
