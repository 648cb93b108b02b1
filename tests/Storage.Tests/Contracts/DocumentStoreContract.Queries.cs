using System.Text.Json.Nodes;

namespace TumorFunctions.Storage.Tests.Contracts;

public abstract partial class DocumentStoreContract
{
    [Fact]
    public async Task A_query_sees_its_partition_alone()
    {
        await Store.CreateAsync(At("mine"), new Item("x", 1));
        await Store.CreateAsync(new DocumentAddress(Main, Partition + "x", "theirs"), new Item("x", 1));
        await Store.CreateAsync(new DocumentAddress(Other, Partition, "other"), new Item("x", 1));

        Assert.Equal(["mine"], await IdsAsync(new DocumentQuery()));
        Assert.Equal(1, await Store.CountAsync(Main, Partition, new DocumentQuery()));
        Assert.Empty(await Store.QueryAsync<Item>(Main, Partition + "empty", new DocumentQuery()));
        Assert.Equal(0, await Store.CountAsync(Main, Partition + "empty", new DocumentQuery()));
    }

    [Fact]
    public async Task Queried_documents_carry_the_etag_of_a_point_read()
    {
        await Store.CreateAsync(At("a"), new Item("x", 1));

        Assert.Equal(
            await Store.ReadAsync<Item>(At("a")), Assert.Single(await Store.QueryAsync<Item>(Main, Partition, new DocumentQuery())));
    }

    // One document a JSON type; the name tells what "value" holds.
    private static readonly (string Id, string Json)[] Typed =
    [
        ("absent", "{}"), ("array", """{"value":[1]}"""), ("empty", """{"value":""}"""), ("false", """{"value":false}"""),
        ("half", """{"value":1.5}"""), ("null", """{"value":null}"""), ("object", """{"value":{"value":1}}"""),
        ("one", """{"value":1}"""), ("one-text", """{"value":"1"}"""), ("ten", """{"value":10}"""),
        ("ten-text", """{"value":"10"}"""), ("true", """{"value":true}"""), ("two", """{"value":2}"""), ("zero", """{"value":0}"""),
    ];

    [Fact]
    public async Task Equal_compares_within_one_type()
    {
        await AddAsync(Typed);

        Assert.Equal(["one"], await IdsAsync(Where(new DocumentFilter.Equal("value", 1))));
        Assert.Equal(["one"], await IdsAsync(Where(new DocumentFilter.Equal("value", 1L))));
        Assert.Equal(["one"], await IdsAsync(Where(new DocumentFilter.Equal("value", 1.0))));
        Assert.Equal(["half"], await IdsAsync(Where(new DocumentFilter.Equal("value", 1.5))));
        Assert.Equal(["one-text"], await IdsAsync(Where(new DocumentFilter.Equal("value", "1"))));
        Assert.Equal(["empty"], await IdsAsync(Where(new DocumentFilter.Equal("value", ""))));
        Assert.Equal(["true"], await IdsAsync(Where(new DocumentFilter.Equal("value", true))));
        Assert.Equal(["false"], await IdsAsync(Where(new DocumentFilter.Equal("value", false))));
        Assert.Equal(["zero"], await IdsAsync(Where(new DocumentFilter.Equal("value", 0))));
        Assert.Empty(await IdsAsync(Where(new DocumentFilter.Equal("value", "null"))));
        Assert.Empty(await IdsAsync(Where(new DocumentFilter.Equal("value", "[1]"))));
    }

    [Fact]
    public async Task Ranges_compare_numbers_as_numbers_and_text_as_text()
    {
        await AddAsync(Typed);

        Assert.Equal(["half", "one", "ten", "two"], await IdsAsync(Where(new DocumentFilter.AtLeast("value", 1))));
        Assert.Equal(["half", "one", "zero"], await IdsAsync(Where(new DocumentFilter.LessThan("value", 2))));
        Assert.Equal(["ten", "two"], await IdsAsync(Where(new DocumentFilter.AtLeast("value", 1.75))));
        Assert.Equal(["one-text", "ten-text"], await IdsAsync(Where(new DocumentFilter.AtLeast("value", "1"))));
        Assert.Equal(["empty", "one-text", "ten-text"], await IdsAsync(Where(new DocumentFilter.LessThan("value", "2"))));
        Assert.Equal(["true"], await IdsAsync(Where(new DocumentFilter.AtLeast("value", true))));
        Assert.Equal(
            ["half", "one"],
            await IdsAsync(Where(new DocumentFilter.AtLeast("value", 1), new DocumentFilter.LessThan("value", 2))));
        Assert.Empty(await IdsAsync(Where(new DocumentFilter.AtLeast("value", 1), new DocumentFilter.Equal("value", "1"))));
    }

    [Fact]
    public async Task Large_whole_numbers_compare_exactly()
    {
        await AddAsync(("a", """{"value":9007199254740992}"""), ("b", """{"value":9007199254740994}"""));

        Assert.Equal(["a"], await IdsAsync(Where(new DocumentFilter.Equal("value", 9007199254740992))));
        Assert.Equal(["b"], await IdsAsync(Where(new DocumentFilter.AtLeast("value", 9007199254740994))));
    }

    [Fact]
    public async Task Counts_follow_the_filters_and_ignore_order_and_page()
    {
        await AddAsync(Typed);

        Assert.Equal(Typed.Length, await Store.CountAsync(Main, Partition, new DocumentQuery { OrderBy = "value", Limit = 1, Offset = 3 }));
        Assert.Equal(4, await Store.CountAsync(Main, Partition, Where(new DocumentFilter.AtLeast("value", 1)) with { Limit = 0 }));
        Assert.Equal(0, await Store.CountAsync(Main, Partition, Where(new DocumentFilter.Equal("nowhere", 1))));
    }

    [Fact]
    public async Task Numbers_are_ordered_by_value()
    {
        await AddAsync([.. new[] { 10, 9, -1, 100, 2.5, 0 }.Select((n, i) => ($"d{i}", new JsonObject { ["score"] = n }.ToJsonString()))]);

        var ascending = await Store.QueryAsync<Item>(Main, Partition, new DocumentQuery { OrderBy = "score" });
        var descending = await Store.QueryAsync<Item>(Main, Partition, new DocumentQuery { OrderBy = "score", Descending = true });

        Assert.Equal([-1, 0, 2.5, 9, 10, 100], ascending.Select(d => d.Value.Score));
        Assert.Equal([100, 10, 9, 2.5, 0, -1], descending.Select(d => d.Value.Score));
    }

    [Fact]
    public async Task Text_is_ordered_by_code_point()
    {
        string[] names = ["b", "a", "B", "10", "9", "", "é", "脑", "ab"];
        await AddAsync([.. names.Select((name, i) => ($"d{i}", new JsonObject { ["name"] = name }.ToJsonString()))]);

        var ordered = await Store.QueryAsync<Item>(Main, Partition, new DocumentQuery { OrderBy = "name" });

        Assert.Equal(names.Order(StringComparer.Ordinal), ordered.Select(d => d.Value.Name));
    }

    [Theory]
    [InlineData("score")]
    [InlineData("undeclared")]
    public async Task Documents_without_the_ordering_property_are_left_out(string property)
    {
        await AddAsync(("with", $$"""{"{{property}}":1}"""), ("without", "{}"), ("nested", $$"""{"deep":{"{{property}}":2} }"""));

        Assert.Equal(["with"], await IdsAsync(new DocumentQuery { OrderBy = property }));
        Assert.Equal(["with"], await IdsAsync(new DocumentQuery { OrderBy = property, Descending = true }));
        Assert.Equal(3, (await IdsAsync(new DocumentQuery())).Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Pages_cover_everything_once(bool descending)
    {
        for (var i = 0; i < 25; i++)
            await Store.CreateAsync(At($"d{i:00}"), new Item("x", i));
        var query = new DocumentQuery { OrderBy = "score", Descending = descending, Limit = 7 };

        List<double> seen = [];
        for (var offset = 0; offset < 28; offset += 7)
            seen.AddRange((await Store.QueryAsync<Item>(Main, Partition, query with { Offset = offset })).Select(d => d.Value.Score));

        var expected = Enumerable.Range(0, 25).Select(i => (double)i);
        Assert.Equal(descending ? expected.Reverse() : expected, seen);
        Assert.Empty(await Store.QueryAsync<Item>(Main, Partition, query with { Offset = 25 }));
        Assert.Empty(await Store.QueryAsync<Item>(Main, Partition, query with { Offset = int.MaxValue, Limit = int.MaxValue }));
        Assert.Empty(await Store.QueryAsync<Item>(Main, Partition, query with { Limit = 0 }));
    }

    [Fact]
    public async Task Pages_cover_equal_values_and_no_order_once_too()
    {
        for (var i = 0; i < 20; i++)
            await Store.CreateAsync(At($"d{i:00}"), new Item("same", 1));

        foreach (var query in new[] { new DocumentQuery { Limit = 6 }, new DocumentQuery { Limit = 6, OrderBy = "name" } })
        {
            List<string> seen = [];
            for (var offset = 0; offset < 24; offset += 6)
                seen.AddRange((await Store.QueryAsync<Item>(Main, Partition, query with { Offset = offset })).Select(d => d.Address.Id));
            Assert.Equal(Enumerable.Range(0, 20).Select(i => $"d{i:00}"), seen.Order(StringComparer.Ordinal));
        }
    }

    [Fact]
    public async Task A_page_has_a_hundred_documents_unless_told_otherwise()
    {
        for (var i = 0; i < 120; i++)
            await Store.CreateAsync(At($"d{i}"), new Item("x", i));

        Assert.Equal(100, (await Store.QueryAsync<Item>(Main, Partition, new DocumentQuery())).Count);
    }

    [Fact]
    public async Task Contains_takes_wildcards_literally_and_ignores_ascii_case()
    {
        await AddAsync(
            ("a", """{"name":"50% Dose"}"""), ("b", """{"name":"5000 dose"}"""), ("c", """{"name":"snake_case"}"""),
            ("d", """{"name":"snakeXcase"}"""), ("e", """{"name":"左侧额叶","note":"50% later"}"""), ("f", """{"name":50}"""),
            ("g", """{"name":["50%"]}"""), ("h", """{"name":"a*b?c[d]'e\"f\\g"}"""));

        Assert.Equal(["a"], await FindAsync("50%"));
        Assert.Equal(["a"], await FindAsync("%"));
        Assert.Equal(["c"], await FindAsync("_"));
        Assert.Equal(["a", "b"], await FindAsync("DOSE"));
        Assert.Equal(["e"], await FindAsync("额叶"));
        Assert.Equal(["h"], await FindAsync("*B?C[D]'E\"F\\G"));
        Assert.Empty(await FindAsync("' OR 1=1 --"));
        Assert.Empty(await FindAsync("5 0"));
        Assert.Equal(["a", "e"], await IdsAsync(Where(new DocumentFilter.Contains(["name", "note"], "50%"))));
        Assert.Equal(["a", "b", "c", "d", "e", "h"], await FindAsync(""));

        Task<IReadOnlyList<string>> FindAsync(string text) => IdsAsync(Where(new DocumentFilter.Contains(["name"], text)));
    }

    [Theory]
    [InlineData("x' OR '1'='1")]
    [InlineData("\" OR 1=1 --")]
    [InlineData("脑瘤")]
    [InlineData("admin\0")]
    [InlineData("\0")]
    [InlineData("a\0b")]
    public async Task Hostile_text_in_a_filter_finds_itself_and_nothing_else(string text)
    {
        await AddAsync(
            ("admin", """{"name":"admin"}"""), ("a", """{"name":"a"}"""), ("empty", """{"name":""}"""),
            ("itself", new JsonObject { ["name"] = text }.ToJsonString()));

        Assert.Equal(["itself"], await IdsAsync(Where(new DocumentFilter.Equal("name", text))));
        Assert.Equal(["itself"], await IdsAsync(Where(new DocumentFilter.Contains(["name"], text))));
        Assert.Equal(["admin"], await IdsAsync(Where(new DocumentFilter.Equal("name", "admin"))));
        Assert.Equal(["empty"], await IdsAsync(Where(new DocumentFilter.Equal("name", ""))));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Name")]
    [InlineData("a.b")]
    [InlineData("a\" OR 1=1 --")]
    [InlineData("a b")]
    [InlineData("名")]
    public async Task Property_names_that_are_no_snake_case_are_refused(string property)
    {
        DocumentQuery[] queries =
        [
            new() { OrderBy = property },
            Where(new DocumentFilter.Equal(property, 1)),
            Where(new DocumentFilter.AtLeast(property, 1)),
            Where(new DocumentFilter.LessThan(property, 1)),
            Where(new DocumentFilter.Contains(["name", property], "x")),
        ];
        foreach (var query in queries)
            await Assert.ThrowsAsync<StorageAddressException>(() => Store.QueryAsync<Item>(Main, Partition, query));
    }

    [Fact]
    public async Task Values_that_no_filter_compares_and_pages_that_cannot_be_are_refused()
    {
        foreach (var value in new object[] { new[] { 1 }, DateTime.UnixEpoch, double.NaN, null! })
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(
                () => Store.QueryAsync<Item>(Main, Partition, Where(new DocumentFilter.Equal("name", value))));
        }

        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.QueryAsync<Item>(Main, Partition, new DocumentQuery { Offset = -1 }));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => Store.QueryAsync<Item>(Main, Partition, new DocumentQuery { Limit = -1 }));
    }

    private static DocumentQuery Where(params DocumentFilter[] filters) => new() { Filters = filters };

    private async Task AddAsync(params (string Id, string Json)[] documents)
    {
        foreach (var (id, json) in documents)
            await Store.CreateAsync(At(id), JsonNode.Parse(json)!.AsObject());
    }

    /// <summary>The ids that a query finds; sorted unless the query orders.</summary>
    private async Task<IReadOnlyList<string>> IdsAsync(DocumentQuery query)
    {
        var ids = (await Store.QueryAsync<JsonObject>(Main, Partition, query)).Select(document => document.Address.Id);
        return query.OrderBy is null ? [.. ids.Order(StringComparer.Ordinal)] : [.. ids];
    }
}
