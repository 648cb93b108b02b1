using System.Text.Json.Nodes;

namespace TumorFunctions.Storage.Tests.Contracts;

public abstract partial class DocumentStoreContract
{
    [Fact]
    public async Task Increments_create_document_and_fields_and_answer_with_the_named_fields()
    {
        Assert.Equal(Fields(("a", 5)), await Store.IncrementAsync(At("c"), Fields(("a", 5))));
        Assert.Equal(Fields(("a", 4), ("b", 7)), await Store.IncrementAsync(At("c"), Fields(("a", -1), ("b", 7))));
        Assert.Equal(Fields(("b", 7)), await Store.IncrementAsync(At("c"), Fields(("b", 0))));

        var read = await Store.ReadAsync<Dictionary<string, long>>(At("c"));
        Assert.Equal(Fields(("a", 4), ("b", 7)), read!.Value);
    }

    [Fact]
    public async Task Increments_leave_other_fields_alone_and_change_the_etag()
    {
        const string Json = """{"n":1,"none":null,"text":"颅脑 \"x\" \u0000","big":12345678901234567,"real":0.1,"deep":{"none":null,"n":5},"list":[null,1]}""";
        var created = await Store.CreateAsync(At("c"), JsonNode.Parse(Json)!.AsObject());

        await Store.IncrementAsync(At("c"), Fields(("n", 41)));

        var read = await Store.ReadAsync<JsonObject>(At("c"));
        var expected = JsonNode.Parse(Json)!.AsObject();
        expected["n"] = 42;
        Assert.True(JsonNode.DeepEquals(expected, read!.Value), read.Value.ToJsonString());
        Assert.NotEqual(created.ETag, read.ETag);
        await Assert.ThrowsAsync<DocumentPreconditionException>(() => Store.ReplaceAsync(At("c"), new Item("x", 1), created.ETag));
    }

    [Fact]
    public async Task Increments_reach_both_ends_of_a_long()
    {
        Assert.Equal(long.MaxValue, (await Store.IncrementAsync(At("c"), Fields(("up", long.MaxValue))))["up"]);
        Assert.Equal(long.MinValue, (await Store.IncrementAsync(At("c"), Fields(("down", long.MinValue))))["down"]);
        Assert.Equal(-1, (await Store.IncrementAsync(At("c"), Fields(("up", long.MinValue))))["up"]);
    }

    [Theory]
    [InlineData("""{"good":1,"bad":9223372036854775807}""")]
    [InlineData("""{"good":1,"bad":"1"}""")]
    [InlineData("""{"good":1,"bad":1.5}""")]
    [InlineData("""{"good":1,"bad":1e300}""")]
    [InlineData("""{"good":1,"bad":null}""")]
    [InlineData("""{"good":1,"bad":true}""")]
    [InlineData("""{"good":1,"bad":[1]}""")]
    public async Task A_field_that_cannot_be_added_to_is_named_and_nothing_changes(string json)
    {
        var created = await Store.CreateAsync(At("c"), JsonNode.Parse(json)!.AsObject());

        var refusal = await Assert.ThrowsAsync<DocumentFieldException>(
            () => Store.IncrementAsync(At("c"), Fields(("good", 1), ("bad", 1))));
        await Assert.ThrowsAsync<DocumentFieldException>(() => Store.ExecuteBatchAsync(
            Main, Partition, [new DocumentWrite.Create("new", new Item("x", 1)), new DocumentWrite.Increment("c", Fields(("bad", 1)))]));

        Assert.Equal(400, refusal.StatusCode);
        Assert.Contains("'bad'", refusal.Message, StringComparison.Ordinal);
        var read = await Store.ReadAsync<JsonObject>(At("c"));
        Assert.Equal(created.ETag, read!.ETag);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), read.Value));
        Assert.Null(await Store.ReadAsync<Item>(At("new")));
    }

    [Fact]
    public async Task Increments_refuse_names_that_are_no_properties_and_no_names_at_all()
    {
        await Assert.ThrowsAsync<StorageAddressException>(() => Store.IncrementAsync(At("c"), Fields(("a.b", 1))));
        await Assert.ThrowsAsync<StorageAddressException>(() => Store.IncrementAsync(At("c"), Fields(("", 1))));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.IncrementAsync(At("c"), Fields()));
        await Assert.ThrowsAsync<StorageAddressException>(
            () => Store.ExecuteBatchAsync(Main, Partition, [new DocumentWrite.Increment("c", Fields(("A", 1)))]));
        Assert.Null(await Store.ReadAsync<JsonObject>(At("c")));
    }

    [Fact]
    public async Task A_batch_carries_out_every_kind_of_write()
    {
        var replaced = await Store.CreateAsync(At("replaced"), new Item("old", 1));
        var deleted = await Store.CreateAsync(At("deleted"), new Item("old", 1));
        await Store.CreateAsync(At("dropped"), new Item("old", 1));
        await Store.IncrementAsync(At("counter"), Fields(("n", 2)));

        await Store.ExecuteBatchAsync(
            Main,
            Partition,
            [
                new DocumentWrite.Create("created", new Item("new", 1)),
                new DocumentWrite.Upsert("upserted", new Item("new", 2)),
                new DocumentWrite.Replace("replaced", new Item("new", 3), replaced.ETag),
                new DocumentWrite.Delete("deleted", deleted.ETag),
                new DocumentWrite.Delete("dropped"),
                new DocumentWrite.Increment("counter", Fields(("n", 40))),
                new DocumentWrite.Increment("counter-new", Fields(("n", 1))),
            ]);

        Assert.Equal(["counter", "counter-new", "created", "replaced", "upserted"], await IdsAsync(new DocumentQuery()));
        Assert.Equal(new Item("new", 3), (await Store.ReadAsync<Item>(At("replaced")))!.Value);
        Assert.Equal(42, (await Store.ReadAsync<Dictionary<string, long>>(At("counter")))!.Value["n"]);
        await Store.ExecuteBatchAsync(Main, Partition, []);
    }

    [Fact]
    public async Task A_batch_that_fails_anywhere_leaves_no_trace()
    {
        var old = await Store.CreateAsync(At("present"), new Item("old", 1));
        var current = await Store.UpsertAsync(At("present"), new Item("current", 1));

        await FailsAsync<DocumentConflictException>(new DocumentWrite.Create("present", new Item("x", 1)));
        await FailsAsync<DocumentConflictException>(new DocumentWrite.Create("new", new Item("twice in one batch", 1)));
        await FailsAsync<DocumentNotFoundException>(new DocumentWrite.Replace("absent", new Item("x", 1), old.ETag));
        await FailsAsync<DocumentNotFoundException>(new DocumentWrite.Delete("absent"));
        await FailsAsync<DocumentNotFoundException>(new DocumentWrite.Delete("absent", old.ETag));
        await FailsAsync<DocumentPreconditionException>(new DocumentWrite.Replace("present", new Item("x", 1), old.ETag));
        await FailsAsync<DocumentPreconditionException>(new DocumentWrite.Delete("present", old.ETag));
        await FailsAsync<ArgumentException>(new DocumentWrite.Create("text", "no object"));

        async Task FailsAsync<TException>(DocumentWrite failing)
            where TException : Exception
        {
            await Assert.ThrowsAsync<TException>(() => Store.ExecuteBatchAsync(
                Main,
                Partition,
                [
                    new DocumentWrite.Create("new", new Item("x", 1)),
                    new DocumentWrite.Increment("counter", Fields(("n", 1))),
                    failing,
                    new DocumentWrite.Upsert("later", new Item("x", 1)),
                ]));
            Assert.Equal(["present"], await IdsAsync(new DocumentQuery()));
            Assert.Equal(current, await Store.ReadAsync<Item>(At("present")));
        }
    }

    [Fact]
    public async Task Increments_of_32_writers_add_up()
    {
        const int Writers = 32;
        const int Times = 10;
        var answers = new long[Writers][];

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(async () =>
        {
            answers[writer] = new long[Times];
            for (var i = 0; i < Times; i++)
                answers[writer][i] = (await Store.IncrementAsync(At("c"), Fields(("n", 1), ("m", 3))))["n"];
        })));

        var total = await Store.ReadAsync<Dictionary<string, long>>(At("c"));
        Assert.Equal(Fields(("n", Writers * Times), ("m", 3 * Writers * Times)), total!.Value);
        Assert.Equal(Enumerable.Range(1, Writers * Times).Select(i => (long)i), answers.SelectMany(a => a).Order());
    }

    [Fact]
    public async Task Of_conditional_writers_exactly_one_wins()
    {
        for (var round = 0; round < 10; round++)
        {
            var read = await Store.UpsertAsync(At("a"), new Item("start", -1));

            var won = await Task.WhenAll(Enumerable.Range(0, 2).Select(writer => Task.Run(
                () => WinsAsync<DocumentPreconditionException>(
                    () => Store.ReplaceAsync(At("a"), new Item("winner", writer), read.ETag)))));

            Assert.Equal(Array.IndexOf(won, true), (await Store.ReadAsync<Item>(At("a")))!.Value.Score);
            Assert.Single(won, w => w);
        }
    }

    [Fact]
    public async Task Of_creators_exactly_one_wins()
    {
        var won = await Task.WhenAll(Enumerable.Range(0, 16).Select(writer => Task.Run(
            () => WinsAsync<DocumentConflictException>(() => Store.CreateAsync(At("a"), new Item("x", writer))))));

        Assert.Single(won, w => w);
        Assert.Equal(Array.IndexOf(won, true), (await Store.ReadAsync<Item>(At("a")))!.Value.Score);
    }

    [Fact]
    public async Task Readers_never_see_half_a_batch()
    {
        await WriteAsync(0);
        var writer = Task.Run(async () =>
        {
            for (var i = 1; i <= 60; i++)
                await WriteAsync(i);
        });

        do
        {
            var pair = await Store.QueryAsync<Item>(Main, Partition, new DocumentQuery());
            Assert.Equal(2, pair.Count);
            Assert.Equal(pair[0].Value, pair[1].Value);
        }
        while (!writer.IsCompleted);
        await writer;

        Task WriteAsync(int i) => Store.ExecuteBatchAsync(
            Main, Partition, [new DocumentWrite.Upsert("a", new Item("x", i)), new DocumentWrite.Upsert("b", new Item("x", i))]);
    }

    private static Dictionary<string, long> Fields(params (string Name, long Value)[] fields) =>
        fields.ToDictionary(field => field.Name, field => field.Value);

    private static async Task<bool> WinsAsync<TRefusal>(Func<Task> write)
        where TRefusal : Exception
    {
        try
        {
            await write();
            return true;
        }
        catch (TRefusal)
        {
            return false;
        }
    }
}
