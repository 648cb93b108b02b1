using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Azure.Cosmos;
using TumorFunctions.Storage.CosmosDb;

namespace TumorFunctions.Storage.Tests.CosmosDb;

/// <summary>The adapter through the real SDK over HTTP: what it asks for and what it makes of each answer.</summary>
public sealed class CosmosDocumentStoreTests : IDisposable
{
    private static readonly DocumentAddress At = new("items", "p 脑", "a.b");

    private readonly FakeCosmos _cosmos = new();
    private readonly CosmosClient _client;
    private readonly CosmosDocumentStore _store;

    public CosmosDocumentStoreTests()
    {
        _client = CosmosService.Connect(
            new Uri("https://fake.local/"),
            Convert.ToBase64String(new byte[64]),
            ConnectionMode.Gateway,
            options =>
            {
                options.HttpClientFactory = () => new HttpClient(_cosmos, disposeHandler: false);
                options.MaxRetryAttemptsOnRateLimitedRequests = 2;
                options.LimitToEndpoint = true;
            });
        _store = new CosmosDocumentStore(_client, "db", [new DocumentContainer("items", ["score"])]);
    }

    public void Dispose()
    {
        _client.Dispose();
        _cosmos.Dispose();
    }

    [Fact]
    public async Task Documents_keep_their_semantics_through_create_read_replace_and_delete()
    {
        Assert.Null(await _store.ReadAsync<Item>(At));
        var created = await _store.CreateAsync(At, new Item("瘤", 1));
        Assert.Equal(created, await _store.ReadAsync<Item>(At));
        await Assert.ThrowsAsync<DocumentConflictException>(() => _store.CreateAsync(At, new Item("x", 2)));

        var replaced = await _store.ReplaceAsync(At, new Item("y", 3), created.ETag);
        await Assert.ThrowsAsync<DocumentPreconditionException>(() => _store.ReplaceAsync(At, new Item("z", 4), created.ETag));
        await Assert.ThrowsAsync<DocumentPreconditionException>(() => _store.ReplaceAsync(At, new Item("z", 4), "*"));
        await Assert.ThrowsAsync<DocumentPreconditionException>(() => _store.DeleteAsync(At, created.ETag));
        Assert.Equal(replaced, await _store.ReadAsync<Item>(At));

        Assert.True(await _store.DeleteAsync(At, replaced.ETag));
        Assert.False(await _store.DeleteAsync(At));
        await Assert.ThrowsAsync<DocumentNotFoundException>(() => _store.ReplaceAsync(At, new Item("z", 4), replaced.ETag));
        Assert.NotEqual(created.ETag, (await _store.UpsertAsync(At, new Item("again", 1))).ETag);
    }

    [Fact]
    public async Task The_value_is_kept_apart_under_an_id_that_a_path_can_carry()
    {
        await _store.CreateAsync(At, new JsonObject { ["id"] = 7, ["_etag"] = "mine" });

        var (verb, path, body, headers) = Assert.Single(_cosmos.Requests);
        Assert.Equal(("POST", "/dbs/db/colls/items/docs"), (verb, path));
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""{"id":"a~2Eb","partition_key":"p 脑","body":{"id":7,"_etag":"mine"}}"""), JsonNode.Parse(body)));
        Assert.Equal("p 脑", (string?)JsonNode.Parse(headers["x-ms-documentdb-partitionkey"])![0]);
        var read = await _store.ReadAsync<JsonObject>(At);
        Assert.Equal(("a.b", 7, "mine"), (read!.Address.Id, (int)read.Value["id"]!, (string)read.Value["_etag"]!));
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a%2Fb")]
    [InlineData("a ")]
    [InlineData("~2E")]
    [InlineData("颅脑 🧠'\"")]
    public async Task Ids_come_back_as_they_were(string id)
    {
        var address = At with { Id = id };
        await _store.CreateAsync(address, new Item("x", 1));

        Assert.Equal(address, (await _store.ReadAsync<Item>(address))!.Address);
        Assert.True(await _store.DeleteAsync(address));
    }

    [Fact]
    public async Task Increments_patch_under_a_condition_and_create_what_is_absent()
    {
        var deltas = new Dictionary<string, long> { ["n"] = 2, ["m"] = -1 };
        Assert.Equal(deltas, await _store.IncrementAsync(At, deltas));
        Assert.Equal(4, (await _store.IncrementAsync(At, deltas))["n"]);

        var patch = JsonNode.Parse(_cosmos.Requests.Last().Body)!;
        Assert.Equal(
            "FROM c WHERE (NOT IS_DEFINED(c.body[\"n\"]) OR (IS_INTEGER(c.body[\"n\"]) AND c.body[\"n\"] >= -9223372036854775808 "
            + "AND c.body[\"n\"] <= 9223372036854775805)) AND (NOT IS_DEFINED(c.body[\"m\"]) OR (IS_INTEGER(c.body[\"m\"]) "
            + "AND c.body[\"m\"] >= -9223372036854775807 AND c.body[\"m\"] <= 9223372036854775807))",
            patch["condition"]!.ToString());
    }

    [Fact]
    public async Task Increments_of_16_writers_add_up()
    {
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 10; i++)
                await _store.IncrementAsync(At, new Dictionary<string, long> { ["n"] = 1 });
        })));

        Assert.Equal(160, (await _store.ReadAsync<Dictionary<string, long>>(At))!.Value["n"]);
    }

    [Theory]
    [InlineData("""{"n":"1"}""")]
    [InlineData("""{"n":1.5}""")]
    [InlineData("""{"n":9223372036854775807}""")]
    public async Task A_field_that_cannot_be_added_to_is_named(string json)
    {
        await _store.CreateAsync(At, JsonNode.Parse(json)!.AsObject());
        _cosmos.Condition = _ => false;

        var refusal = await Assert.ThrowsAsync<DocumentFieldException>(
            () => _store.IncrementAsync(At, new Dictionary<string, long> { ["n"] = 1 }));

        Assert.Contains("'n'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_throttled_call_is_repeated_and_then_told_with_its_wait()
    {
        await _store.CreateAsync(At, new Item("x", 1));
        var refusals = 0;
        _cosmos.Script = _ => ++refusals <= 2 ? Throttled() : null;
        Assert.NotNull(await _store.ReadAsync<Item>(At));

        _cosmos.Script = _ => Throttled();
        var unavailable = await Assert.ThrowsAsync<StorageUnavailableException>(() => _store.UpsertAsync(At, new Item("y", 2)));
        Assert.Equal(TimeSpan.FromMilliseconds(7), unavailable.RetryAfter);

        static HttpResponseMessage Throttled() => FakeCosmos.Answer(
            HttpStatusCode.TooManyRequests, """{"code":"429","message":"slow"}""", ("x-ms-retry-after-ms", "7"), ("x-ms-substatus", "3200"));
    }

    [Fact]
    public async Task What_is_too_large_is_refused_before_it_is_sent_and_by_the_service()
    {
        await Assert.ThrowsAsync<StorageTooLargeException>(() => _store.CreateAsync(At, new Item(new string('x', 3 << 20), 1)));
        Assert.Empty(_cosmos.Requests);

        _cosmos.Script = _ => FakeCosmos.Answer(HttpStatusCode.RequestEntityTooLarge, """{"code":"413","message":"large"}""");
        await Assert.ThrowsAsync<StorageTooLargeException>(() => _store.CreateAsync(At, new Item("x", 1)));
    }

    [Fact]
    public async Task A_container_that_the_service_lacks_is_no_missing_document()
    {
        _cosmos.Script = _ => FakeCosmos.Answer(
            HttpStatusCode.NotFound, """{"code":"NotFound","message":"Owner resource does not exist"}""", ("x-ms-substatus", "1003"));

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => _store.ReadAsync<Item>(At));
        Assert.Contains("'items'", failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidOperationException>(() => _store.ProbeAsync());
    }

    [Fact]
    public async Task Of_30_percent_refused_calls_no_acknowledged_write_is_lost()
    {
        var random = new Random(5);
        _cosmos.Script = _ =>
        {
            lock (random)
            {
                return random.Next(10) >= 3 ? null : FakeCosmos.Answer(
                    HttpStatusCode.TooManyRequests, """{"code":"429","message":"slow"}""", ("x-ms-retry-after-ms", "1"), ("x-ms-substatus", "3200"));
            }
        };
        var acknowledged = new System.Collections.Concurrent.ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var added = 0L;
        await Parallel.ForAsync(0, 2000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, cancellationToken) =>
        {
            try
            {
                await _store.UpsertAsync(At with { Id = $"d{i}" }, new Item("x", i), cancellationToken);
                acknowledged[$"d{i}"] = i;
                await _store.IncrementAsync(At with { Id = "sum" }, new Dictionary<string, long> { ["n"] = 1 }, cancellationToken);
                Interlocked.Increment(ref added);
            }
            catch (StorageUnavailableException)
            {
            }
        });

        _cosmos.Script = _ => null;
        foreach (var (id, score) in acknowledged)
            Assert.Equal(score, (await _store.ReadAsync<Item>(At with { Id = id }))!.Value.Score);
        Assert.InRange(acknowledged.Count, 1, 1999);
        Assert.Equal(added, (await _store.ReadAsync<Dictionary<string, long>>(At with { Id = "sum" }))!.Value["n"]);
    }

    [Fact]
    public void A_container_indexes_what_is_queried_and_nothing_else()
    {
        var properties = CosmosService.Properties(new DocumentContainer("items", ["score", "name"]));

        Assert.Equal("/partition_key", properties.PartitionKeyPath);
        Assert.Equal(["/body/score/?", "/body/name/?"], properties.IndexingPolicy.IncludedPaths.Select(p => p.Path));
        Assert.Equal(["/*"], properties.IndexingPolicy.ExcludedPaths.Select(p => p.Path));
    }

    private sealed record Item(string Name, double Score);
}
