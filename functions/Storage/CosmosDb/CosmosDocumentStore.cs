using System.Collections.Frozen;
using System.Net;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace TumorFunctions.Storage.CosmosDb;

/// <summary>
/// Documents in Cosmos DB, one service container for each <see cref="DocumentContainer"/>. What each access costs is in docs/storage.md.
/// Whole numbers beyond 2^53 are kept as the service keeps numbers, as doubles.
/// </summary>
public sealed class CosmosDocumentStore : IDocumentStore
{
    // Of an increment against other writers; each attempt that fails means that another's write went through.
    internal const int MaxAttempts = 100;

    private const string Nobody = "\"-\"";
    private static readonly ItemRequestOptions NoContent = new() { EnableContentResponseOnWrite = false };

    private readonly FrozenDictionary<string, (Container Container, DocumentContainer Definition)> _containers;
    private readonly JsonSerializerOptions _json;

    /// <param name="database">Of the service; it and its containers exist: <see cref="CosmosService.CreateAsync"/>.</param>
    /// <param name="containers">All containers; an undeclared one is refused.</param>
    /// <param name="json">How values are written; <see cref="StorageJson.Options"/> unless given.</param>
    public CosmosDocumentStore(
        CosmosClient client, string database, IReadOnlyList<DocumentContainer> containers, JsonSerializerOptions? json = null)
    {
        foreach (var container in containers)
            AddressRules.CheckDocumentContainer(container.Name);
        _json = json ?? StorageJson.Options;
        _containers = containers.ToFrozenDictionary(
            container => container.Name, container => (client.GetContainer(database, container.Name), container));
    }

    public async Task<Document<T>?> ReadAsync<T>(DocumentAddress address, CancellationToken cancellationToken = default)
    {
        using var item = await ReadItemAsync(Container(address), address, cancellationToken).ConfigureAwait(false);
        return item is null ? null : CosmosItem.Read<T>(address.Container, address.PartitionKey, item.RootElement, _json);
    }

    public Task<Document<T>> CreateAsync<T>(DocumentAddress address, T value, CancellationToken cancellationToken = default) =>
        WriteAsync(address, value, (container, item, key) => container.CreateItemStreamAsync(item, key, NoContent, cancellationToken), cancellationToken);

    public Task<Document<T>> UpsertAsync<T>(DocumentAddress address, T value, CancellationToken cancellationToken = default) =>
        WriteAsync(address, value, (container, item, key) => container.UpsertItemStreamAsync(item, key, NoContent, cancellationToken), cancellationToken);

    public Task<Document<T>> ReplaceAsync<T>(
        DocumentAddress address, T value, string etag, CancellationToken cancellationToken = default)
    {
        var options = new ItemRequestOptions { EnableContentResponseOnWrite = false, IfMatchEtag = OneETag(etag) };
        return WriteAsync(
            address,
            value,
            (container, item, key) => container.ReplaceItemStreamAsync(item, CosmosItem.EncodeId(address.Id), key, options, cancellationToken),
            cancellationToken);
    }

    public async Task<bool> DeleteAsync(DocumentAddress address, string? etag = null, CancellationToken cancellationToken = default)
    {
        var container = Container(address);
        var options = new ItemRequestOptions { IfMatchEtag = etag is null ? null : OneETag(etag) };
        using var answer = await CosmosFailure.CallAsync(
            () => container.DeleteItemStreamAsync(
                CosmosItem.EncodeId(address.Id), new PartitionKey(address.PartitionKey), options, cancellationToken),
            address,
            cancellationToken).ConfigureAwait(false);
        if (answer.StatusCode == HttpStatusCode.NotFound && !CosmosFailure.IsContainerMissing(answer.Headers))
            return false;
        CosmosFailure.ThrowUnlessSuccess(answer, address);
        return true;
    }

    public async Task<IReadOnlyDictionary<string, long>> IncrementAsync(
        DocumentAddress address, IReadOnlyDictionary<string, long> deltas, CancellationToken cancellationToken = default)
    {
        var container = Container(address);
        CosmosIncrement.Check(deltas);
        var operations = CosmosIncrement.Operations(deltas);
        var options = new PatchItemRequestOptions
        {
            EnableContentResponseOnWrite = true,
            FilterPredicate = CosmosIncrement.Condition(deltas),
        };
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            using var answer = await CosmosFailure.CallAsync(
                () => container.PatchItemStreamAsync(
                    CosmosItem.EncodeId(address.Id), new PartitionKey(address.PartitionKey), operations, options, cancellationToken),
                address,
                cancellationToken).ConfigureAwait(false);
            switch (answer.StatusCode)
            {
                case HttpStatusCode.NotFound when !CosmosFailure.IsContainerMissing(answer.Headers):
                    if (await TryCreateAsync(container, address, deltas, cancellationToken).ConfigureAwait(false))
                        return new Dictionary<string, long>(deltas, StringComparer.Ordinal);
                    break;
                case HttpStatusCode.PreconditionFailed:
                    await ThrowIfImpossibleAsync(container, address, deltas, cancellationToken).ConfigureAwait(false);
                    break;
                default:
                    CosmosFailure.ThrowUnlessSuccess(answer, address);
                    using (var item = await CosmosItem.ParseAsync(answer.Content, cancellationToken).ConfigureAwait(false))
                    {
                        var body = item.RootElement.GetProperty(CosmosItem.Body);
                        return deltas.Keys.ToDictionary(name => name, name => body.GetProperty(name).GetInt64(), StringComparer.Ordinal);
                    }
            }
        }

        throw new StorageUnavailableException(
            $"Document {address.Container}/{address.PartitionKey}/{address.Id} was changed by others through {MaxAttempts} attempts to add to it.");
    }

    public async Task ExecuteBatchAsync(
        string container, string partitionKey, IReadOnlyList<DocumentWrite> writes, CancellationToken cancellationToken = default)
    {
        AddressRules.CheckKey(partitionKey, "partition key");
        var batch = new CosmosBatch(container, partitionKey, writes, _json);
        var target = Container(container);
        if (writes.Count > 0)
            await batch.RunAsync(target, cancellationToken).ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<Document<T>>> QueryAsync<T>(
        string container, string partitionKey, DocumentQuery query, CancellationToken cancellationToken = default)
    {
        AddressRules.CheckKey(partitionKey, "partition key");
        var (target, definition) = Declared(container);
        CosmosQuery.Check(query);
        cancellationToken.ThrowIfCancellationRequested();
        if (query.Limit == 0)
            return [];
        if (query.OrderBy is { } property && !definition.IndexedProperties.Contains(property, StringComparer.Ordinal))
            return await QueryUnindexedAsync<T>(target, partitionKey, query, property, cancellationToken).ConfigureAwait(false);

        List<Document<T>> page = [];
        await RunAsync(
            target,
            partitionKey,
            CosmosQuery.Page(query),
            item => page.Add(CosmosItem.Read<T>(container, partitionKey, item, _json)),
            cancellationToken).ConfigureAwait(false);
        return page;
    }

    public async Task<long> CountAsync(
        string container, string partitionKey, DocumentQuery query, CancellationToken cancellationToken = default)
    {
        AddressRules.CheckKey(partitionKey, "partition key");
        var count = 0L;
        await RunAsync(
            Container(container), partitionKey, CosmosQuery.Count(query), item => count += item.GetInt64(), cancellationToken)
            .ConfigureAwait(false);
        return count;
    }

    /// <summary>Reads every container's properties, which needs the right to read documents and the containers themselves.</summary>
    public async Task ProbeAsync(CancellationToken cancellationToken = default)
    {
        const string Probe = "probe";
        foreach (var (name, (container, _)) in _containers)
        {
            // A write that never meets its condition reaches what writes reach, and changes nothing.
            var address = new DocumentAddress(name, Probe, Probe);
            using var answer = await CosmosFailure.CallAsync(
                () => container.DeleteItemStreamAsync(
                    Probe, new PartitionKey(Probe), new ItemRequestOptions { IfMatchEtag = Nobody }, cancellationToken),
                address,
                cancellationToken).ConfigureAwait(false);
            var reached = answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.PreconditionFailed;
            if (!reached || CosmosFailure.IsContainerMissing(answer.Headers))
                CosmosFailure.ThrowUnlessSuccess(answer, address);
        }
    }

    internal static async Task<JsonDocument?> ReadItemAsync(
        Container container, DocumentAddress address, CancellationToken cancellationToken)
    {
        using var answer = await CosmosFailure.CallAsync(
            () => container.ReadItemStreamAsync(
                CosmosItem.EncodeId(address.Id), new PartitionKey(address.PartitionKey), cancellationToken: cancellationToken),
            address,
            cancellationToken).ConfigureAwait(false);
        if (answer.StatusCode == HttpStatusCode.NotFound && !CosmosFailure.IsContainerMissing(answer.Headers))
            return null;
        CosmosFailure.ThrowUnlessSuccess(answer, address);
        return await CosmosItem.ParseAsync(answer.Content, cancellationToken).ConfigureAwait(false);
    }

    internal static async Task ThrowIfImpossibleAsync(
        Container container, DocumentAddress address, IReadOnlyDictionary<string, long> deltas, CancellationToken cancellationToken)
    {
        using var item = await ReadItemAsync(container, address, cancellationToken).ConfigureAwait(false);
        if (item is not null)
            CosmosIncrement.ThrowIfImpossible(address, item.RootElement.GetProperty(CosmosItem.Body), deltas);
    }

    /// <summary>One ETag as a header takes it; '*', which would match any, and what is no ETag match none.</summary>
    internal static string OneETag(string etag) =>
        etag.Length > 0 && etag != "*" && !etag.AsSpan().ContainsAnyExceptInRange('!', '~') ? etag : Nobody;

    private async Task<Document<T>> WriteAsync<T>(
        DocumentAddress address,
        T value,
        Func<Container, Stream, PartitionKey, Task<ResponseMessage>> write,
        CancellationToken cancellationToken)
    {
        var container = Container(address);
        using var item = CosmosItem.Write(address, value, _json);
        using var answer = await CosmosFailure.CallAsync(
            () => write(container, item, new PartitionKey(address.PartitionKey)), address, cancellationToken).ConfigureAwait(false);
        CosmosFailure.ThrowUnlessSuccess(answer, address);
        return new Document<T>(address, value, answer.Headers.ETag);
    }

    private async Task<bool> TryCreateAsync(
        Container container, DocumentAddress address, IReadOnlyDictionary<string, long> fields, CancellationToken cancellationToken)
    {
        using var item = CosmosItem.Write(address, fields, _json);
        using var answer = await CosmosFailure.CallAsync(
            () => container.CreateItemStreamAsync(item, new PartitionKey(address.PartitionKey), NoContent, cancellationToken),
            address,
            cancellationToken).ConfigureAwait(false);
        if (answer.StatusCode == HttpStatusCode.Conflict)
            return false;
        CosmosFailure.ThrowUnlessSuccess(answer, address);
        return true;
    }

    // The service refuses to order by what it has no index of: everything that passes is read and put in order here.
    private async Task<IReadOnlyList<Document<T>>> QueryUnindexedAsync<T>(
        Container container, string partitionKey, DocumentQuery query, string property, CancellationToken cancellationToken)
    {
        List<(JsonElement Key, Document<T> Document)> found = [];
        await RunAsync(
            container,
            partitionKey,
            CosmosQuery.All(query),
            item => found.Add((
                item.GetProperty(CosmosItem.Body).GetProperty(property).Clone(),
                CosmosItem.Read<T>(container.Id, partitionKey, item, _json))),
            cancellationToken).ConfigureAwait(false);
        var ordered = query.Descending
            ? found.OrderByDescending(d => d.Key, CosmosOrder.Instance).ThenByDescending(d => d.Document.Address.Id, StringComparer.Ordinal)
            : found.OrderBy(d => d.Key, CosmosOrder.Instance).ThenBy(d => d.Document.Address.Id, StringComparer.Ordinal);
        return [.. ordered.Skip(query.Offset).Take(query.Limit).Select(d => d.Document)];
    }

    private static async Task RunAsync(
        Container container, string partitionKey, QueryDefinition query, Action<JsonElement> take, CancellationToken cancellationToken)
    {
        var address = new DocumentAddress(container.Id, partitionKey, "*");
        using var pages = container.GetItemQueryStreamIterator(
            query, requestOptions: new QueryRequestOptions { PartitionKey = new PartitionKey(partitionKey), MaxItemCount = -1 });
        while (pages.HasMoreResults)
        {
            using var answer = await CosmosFailure.CallAsync(
                () => pages.ReadNextAsync(cancellationToken), address, cancellationToken).ConfigureAwait(false);
            CosmosFailure.ThrowUnlessSuccess(answer, address);
            using var page = await CosmosItem.ParseAsync(answer.Content, cancellationToken).ConfigureAwait(false);
            foreach (var item in page.RootElement.GetProperty("Documents").EnumerateArray())
                take(item);
        }
    }

    private Container Container(DocumentAddress address)
    {
        AddressRules.Check(address);
        return Container(address.Container);
    }

    private Container Container(string name) => Declared(name).Container;

    private (Container Container, DocumentContainer Definition) Declared(string name) =>
        _containers.TryGetValue(name, out var found) ? found : throw new StorageAddressException($"There is no container '{name}'.");
}
