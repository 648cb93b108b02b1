using System.Text.Json.Nodes;

namespace TumorFunctions.Storage.Tests.Contracts;

/// <summary>
/// What every <see cref="IDocumentStore"/> promises. An adapter's tests derive from it and give a store that declares
/// <see cref="Containers"/>; partitions are named afresh for each test, so one store may serve many.
/// </summary>
public abstract partial class DocumentStoreContract : IAsyncLifetime
{
    private const string Main = "contract";
    private const string Other = "contract-other";

    /// <summary>What the store under test has to declare.</summary>
    protected static IReadOnlyList<DocumentContainer> Containers { get; } =
        [new DocumentContainer(Main, ["score", "name"]), new DocumentContainer(Other, [])];

    private string Partition { get; } = $"p-{Guid.NewGuid():N}";

    private IDocumentStore Store { get; set; } = null!;

    public async Task InitializeAsync() => Store = await OpenAsync();

    public Task DisposeAsync() => CloseAsync();

    protected abstract Task<IDocumentStore> OpenAsync();

    protected abstract Task CloseAsync();

    [Fact]
    public async Task A_document_that_was_never_written_reads_as_null() =>
        Assert.Null(await Store.ReadAsync<Item>(At("nobody")));

    [Fact]
    public async Task A_created_document_reads_back_with_its_address_and_etag()
    {
        var created = await Store.CreateAsync(At("a"), new Item("Ann", 1));

        var read = await Store.ReadAsync<Item>(At("a"));

        Assert.Equal(created, read);
        Assert.Equal(At("a"), read!.Address);
        Assert.Equal(new Item("Ann", 1), read.Value);
        Assert.NotEmpty(read.ETag);
    }

    [Fact]
    public async Task Creating_twice_is_a_conflict_and_keeps_the_first()
    {
        await Store.CreateAsync(At("a"), new Item("first", 1));

        var refusal = await Assert.ThrowsAsync<DocumentConflictException>(() => Store.CreateAsync(At("a"), new Item("second", 2)));

        Assert.Equal(409, refusal.StatusCode);
        Assert.Equal("first", (await Store.ReadAsync<Item>(At("a")))!.Value.Name);
    }

    [Fact]
    public async Task Container_partition_and_id_each_tell_documents_apart()
    {
        DocumentAddress[] addresses =
        [
            new(Main, Partition, "a"), new(Main, Partition, "A"), new(Main, Partition, "a "), new(Main, Partition + "x", "a"),
            new(Main, Partition.ToUpperInvariant(), "a"), new(Other, Partition, "a"),
        ];
        for (var i = 0; i < addresses.Length; i++)
            await Store.CreateAsync(addresses[i], new Item("n", i));

        for (var i = 0; i < addresses.Length; i++)
            Assert.Equal(i, (await Store.ReadAsync<Item>(addresses[i]))!.Value.Score);
    }

    [Fact]
    public async Task Upsert_creates_then_replaces_whole_with_a_new_etag()
    {
        var first = await Store.UpsertAsync(At("a"), new JsonObject { ["name"] = "x", ["extra"] = 1 });
        var second = await Store.UpsertAsync(At("a"), new JsonObject { ["name"] = "x" });

        var read = await Store.ReadAsync<JsonObject>(At("a"));

        Assert.NotEqual(first.ETag, second.ETag);
        Assert.Equal(second.ETag, read!.ETag);
        Assert.False(read.Value.ContainsKey("extra"));
    }

    [Fact]
    public async Task Writing_the_same_value_again_still_changes_the_etag()
    {
        var first = await Store.UpsertAsync(At("a"), new Item("same", 1));
        var second = await Store.ReplaceAsync(At("a"), new Item("same", 1), first.ETag);

        Assert.NotEqual(first.ETag, second.ETag);
        await Assert.ThrowsAsync<DocumentPreconditionException>(() => Store.ReplaceAsync(At("a"), new Item("late", 1), first.ETag));
    }

    [Fact]
    public async Task Replace_needs_the_document_and_its_etag()
    {
        var missing = await Assert.ThrowsAsync<DocumentNotFoundException>(
            () => Store.ReplaceAsync(At("a"), new Item("x", 1), "\"0\""));
        Assert.Equal(404, missing.StatusCode);

        var created = await Store.CreateAsync(At("a"), new Item("old", 1));
        var replaced = await Store.ReplaceAsync(At("a"), new Item("new", 2), created.ETag);
        var changed = await Assert.ThrowsAsync<DocumentPreconditionException>(
            () => Store.ReplaceAsync(At("a"), new Item("late", 3), created.ETag));
        Assert.Equal(412, changed.StatusCode);
        Assert.Equal(replaced, await Store.ReadAsync<Item>(At("a")));
    }

    [Fact]
    public async Task An_etag_does_not_survive_delete_and_create()
    {
        var created = await Store.CreateAsync(At("a"), new Item("old", 1));
        await Store.DeleteAsync(At("a"));
        await Store.CreateAsync(At("a"), new Item("old", 1));

        await Assert.ThrowsAsync<DocumentPreconditionException>(() => Store.ReplaceAsync(At("a"), new Item("x", 2), created.ETag));
        await Assert.ThrowsAsync<DocumentPreconditionException>(() => Store.DeleteAsync(At("a"), created.ETag));
    }

    [Fact]
    public async Task Delete_tells_whether_there_was_something_and_honours_an_etag()
    {
        Assert.False(await Store.DeleteAsync(At("a")));
        Assert.False(await Store.DeleteAsync(At("a"), "\"0\""));

        var old = await Store.CreateAsync(At("a"), new Item("x", 1));
        var current = await Store.UpsertAsync(At("a"), new Item("x", 2));
        await Assert.ThrowsAsync<DocumentPreconditionException>(() => Store.DeleteAsync(At("a"), old.ETag));
        Assert.NotNull(await Store.ReadAsync<Item>(At("a")));

        Assert.True(await Store.DeleteAsync(At("a"), current.ETag));
        Assert.Null(await Store.ReadAsync<Item>(At("a")));
    }

    public static TheoryData<string> HostileKeys => new(
        "x' OR '1'='1", "\"; DROP TABLE documents; --", "..", "...", "%_%", "@p0", "$.name", "{\"a\":1}", "颅脑 肿瘤", "é", "e\u0301",
        "🧠", "name~1", "a%2Fb", "NULL", "' || (SELECT 1) || '", new string('x', 255), new string('脑', 255));

    [Theory]
    [MemberData(nameof(HostileKeys))]
    public async Task Any_well_formed_text_serves_as_id_and_as_partition_key(string key)
    {
        var byId = new DocumentAddress(Main, Partition, key);
        var byPartition = new DocumentAddress(Main, key, Partition);
        try
        {
            await Store.CreateAsync(byId, new Item(key, 1));
            await Store.CreateAsync(byPartition, new Item(key, 2));

            Assert.Equal(new Item(key, 1), (await Store.ReadAsync<Item>(byId))!.Value);
            Assert.Equal(key, Assert.Single(await Store.QueryAsync<Item>(Main, Partition, new DocumentQuery())).Address.Id);
            Assert.Equal(byPartition, (await Store.ReadAsync<Item>(byPartition))!.Address);
        }
        finally
        {
            await Store.DeleteAsync(byPartition);
        }
    }

    public static TheoryData<string> RefusedKeys => new(
        "", "a/b", "a\\b", "a#b", "a?b", "a\0b", "a\nb", "a\u007f", "a\u0085", "\ud83e", "a\udde0b", "\udde0\ud83e", new string('x', 256));

    [Theory]
    [MemberData(nameof(RefusedKeys), DisableDiscoveryEnumeration = true)]
    public async Task Keys_that_no_store_could_hold_are_refused_everywhere(string key)
    {
        var byId = new DocumentAddress(Main, Partition, key);
        var byPartition = new DocumentAddress(Main, key, "a");
        var increment = new Dictionary<string, long> { ["n"] = 1 };
        foreach (var address in new[] { byId, byPartition })
        {
            var refusal = await Assert.ThrowsAsync<StorageAddressException>(() => Store.ReadAsync<Item>(address));
            Assert.Equal(400, refusal.StatusCode);
            await Assert.ThrowsAsync<StorageAddressException>(() => Store.CreateAsync(address, new Item("x", 1)));
            await Assert.ThrowsAsync<StorageAddressException>(() => Store.UpsertAsync(address, new Item("x", 1)));
            await Assert.ThrowsAsync<StorageAddressException>(() => Store.ReplaceAsync(address, new Item("x", 1), "e"));
            await Assert.ThrowsAsync<StorageAddressException>(() => Store.DeleteAsync(address));
            await Assert.ThrowsAsync<StorageAddressException>(() => Store.IncrementAsync(address, increment));
        }

        await Assert.ThrowsAsync<StorageAddressException>(
            () => Store.ExecuteBatchAsync(Main, Partition, [new DocumentWrite.Delete("fine"), new DocumentWrite.Delete(key)]));
        await Assert.ThrowsAsync<StorageAddressException>(() => Store.QueryAsync<Item>(Main, key, new DocumentQuery()));
        await Assert.ThrowsAsync<StorageAddressException>(() => Store.CountAsync(Main, key, new DocumentQuery()));
    }

    [Theory]
    [InlineData("undeclared")]
    [InlineData("CONTRACT")]
    [InlineData("contract\" --")]
    public async Task A_container_that_was_not_declared_is_refused(string container)
    {
        await Assert.ThrowsAsync<StorageAddressException>(() => Store.ReadAsync<Item>(new DocumentAddress(container, Partition, "a")));
        await Assert.ThrowsAsync<StorageAddressException>(() => Store.QueryAsync<Item>(container, Partition, new DocumentQuery()));
        await Assert.ThrowsAsync<StorageAddressException>(
            () => Store.ExecuteBatchAsync(container, Partition, [new DocumentWrite.Create("a", new Item("x", 1))]));
    }

    [Theory]
    [InlineData("颅脑肿瘤：胶质瘤，Ⅳ级。")]
    [InlineData("quotes ' \" ` and \\ back\\slashes")]
    [InlineData("'); DROP TABLE documents; --")]
    [InlineData("a NUL \0 inside, tab \t, line \r\n, \u2028 and 🧠")]
    [InlineData("")]
    public async Task Text_comes_back_as_it_was(string text)
    {
        await Store.CreateAsync(At("a"), new Item(text, 1));

        Assert.Equal(text, (await Store.ReadAsync<Item>(At("a")))!.Value.Name);
        Assert.Equal(text, Assert.Single(await Store.QueryAsync<Item>(Main, Partition, new DocumentQuery())).Value.Name);
    }

    [Fact]
    public async Task A_body_of_a_megabyte_comes_back_as_it_was()
    {
        var text = string.Concat(Enumerable.Range(0, 1 << 18).Select(i => (char)('a' + (i % 26)) + "é脑")).AsSpan(0, 400_000).ToString();
        await Store.CreateAsync(At("a"), new Item(text, 1));

        Assert.Equal(text, (await Store.ReadAsync<Item>(At("a")))!.Value.Name);
    }

    [Fact]
    public async Task Values_of_every_kind_survive_nesting_and_null_included()
    {
        const string Json =
            """{"null":null,"yes":true,"long":9223372036854775807,"low":-9223372036854775808,"half":0.1,"small":1E-300,"deep":[1,[{"k":"v"}]],"o":{}}""";
        await Store.CreateAsync(At("a"), JsonNode.Parse(Json)!.AsObject());

        var read = await Store.ReadAsync<JsonObject>(At("a"));

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Json), read!.Value));
        Assert.True(read.Value.ContainsKey("null"));
    }

    [Fact]
    public async Task Only_objects_are_documents()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Store.CreateAsync(At("a"), "text"));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.UpsertAsync(At("a"), new[] { 1, 2 }));
        await Assert.ThrowsAsync<ArgumentNullException>(() => Store.UpsertAsync<Item>(At("a"), null!));
        Assert.Null(await Store.ReadAsync<JsonObject>(At("a")));
    }

    [Fact]
    public async Task A_cancelled_call_does_nothing()
    {
        var cancelled = new CancellationToken(canceled: true);
        await Store.CreateAsync(At("kept"), new Item("x", 1));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ReadAsync<Item>(At("kept"), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.CreateAsync(At("new"), new Item("x", 1), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.DeleteAsync(At("kept"), null, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Store.IncrementAsync(At("new"), new Dictionary<string, long> { ["n"] = 1 }, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Store.QueryAsync<Item>(Main, Partition, new DocumentQuery(), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Store.CountAsync(Main, Partition, new DocumentQuery(), cancelled));

        Assert.Equal("kept", Assert.Single(await Store.QueryAsync<Item>(Main, Partition, new DocumentQuery())).Address.Id);
    }

    [Fact]
    public async Task A_probe_answers_and_leaves_no_document()
    {
        await Store.ProbeAsync();
        await Store.ProbeAsync();

        Assert.Equal(0, await Store.CountAsync(Main, Partition, new DocumentQuery()));
    }

    private DocumentAddress At(string id) => new(Main, Partition, id);

    private sealed record Item(string Name, double Score);
}
