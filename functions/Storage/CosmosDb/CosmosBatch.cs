using System.Net;
using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace TumorFunctions.Storage.CosmosDb;

/// <summary>
/// Writes to one partition as one transaction of the service. An increment is a patch where the document exists and a create where it
/// does not; when another writer makes that wrong meanwhile, nothing has been written and the batch is put together anew.
/// </summary>
internal sealed class CosmosBatch
{
    /// <summary>The service's bound of a transaction.</summary>
    public const int MaxWrites = 100;

    private readonly string _container;
    private readonly string _partitionKey;
    private readonly IReadOnlyList<DocumentWrite> _writes;
    private readonly JsonSerializerOptions _json;

    /// <exception cref="ArgumentException">There are more writes than a transaction holds, or one is no write.</exception>
    public CosmosBatch(string container, string partitionKey, IReadOnlyList<DocumentWrite> writes, JsonSerializerOptions json)
    {
        if (writes.Count > MaxWrites)
            throw new ArgumentException($"A batch holds at most {MaxWrites} writes in Cosmos DB, not {writes.Count}.", nameof(writes));
        _container = container;
        _partitionKey = partitionKey;
        _writes = writes;
        _json = json;
        foreach (var write in writes)
        {
            AddressRules.Check(Address(write));
            if (write is DocumentWrite.Increment increment)
                CosmosIncrement.Check(increment.Deltas);
        }
    }

    public async Task RunAsync(Container container, CancellationToken cancellationToken)
    {
        var whole = new DocumentAddress(_container, _partitionKey, "*");
        for (var attempt = 0; attempt < CosmosDocumentStore.MaxAttempts; attempt++)
        {
            var batch = await BuildAsync(container, cancellationToken).ConfigureAwait(false);
            using var answer = await CosmosFailure.CallAsync(
                () => batch.ExecuteAsync(cancellationToken), whole, cancellationToken).ConfigureAwait(false);
            if (answer.IsSuccessStatusCode)
                return;

            var failed = Failed(answer);
            if (failed < 0)
                throw CosmosFailure.Of(answer.StatusCode, answer.Headers, answer.ErrorMessage, whole);

            var address = Address(_writes[failed]);
            var status = answer[failed].StatusCode;
            var raced = status is HttpStatusCode.NotFound or HttpStatusCode.Conflict or HttpStatusCode.PreconditionFailed;
            if (!raced || _writes[failed] is not DocumentWrite.Increment increment)
                throw CosmosFailure.Of(status, answer.Headers, answer.ErrorMessage, address);
            if (status == HttpStatusCode.PreconditionFailed)
                await CosmosDocumentStore.ThrowIfImpossibleAsync(container, address, increment.Deltas, cancellationToken).ConfigureAwait(false);
        }

        throw new StorageUnavailableException(
            $"Partition {_container}/{_partitionKey} was changed by others through {CosmosDocumentStore.MaxAttempts} attempts at a batch.");
    }

    private async Task<TransactionalBatch> BuildAsync(Container container, CancellationToken cancellationToken)
    {
        var batch = container.CreateTransactionalBatch(new PartitionKey(_partitionKey));
        var noContent = new TransactionalBatchItemRequestOptions { EnableContentResponseOnWrite = false };
        var exists = new Dictionary<string, bool>(StringComparer.Ordinal);
        var length = 0L;
        foreach (var write in _writes)
        {
            var id = CosmosItem.EncodeId(write.Id);
            switch (write)
            {
                case DocumentWrite.Create create:
                    batch.CreateItemStream(Item(create.Id, create.Value), noContent);
                    break;
                case DocumentWrite.Upsert upsert:
                    batch.UpsertItemStream(Item(upsert.Id, upsert.Value), noContent);
                    break;
                case DocumentWrite.Replace replace:
                    batch.ReplaceItemStream(id, Item(replace.Id, replace.Value), Matching(replace.ETag));
                    break;
                case DocumentWrite.Delete delete:
                    batch.DeleteItem(id, delete.ETag is { } etag ? Matching(etag) : noContent);
                    break;
                case DocumentWrite.Increment increment when await ExistsAsync(increment).ConfigureAwait(false):
                    batch.PatchItem(id, CosmosIncrement.Operations(increment.Deltas), new TransactionalBatchPatchItemRequestOptions
                    {
                        EnableContentResponseOnWrite = false,
                        FilterPredicate = CosmosIncrement.Condition(increment.Deltas),
                    });
                    break;
                case DocumentWrite.Increment increment:
                    batch.CreateItemStream(Item(increment.Id, increment.Deltas), noContent);
                    break;
                default:
                    throw new ArgumentException($"{write.GetType().Name} is no write that is known here.");
            }

            exists[write.Id] = write is not DocumentWrite.Delete;
        }

        return batch;

        // What an earlier write of the batch has made of the document goes before what is stored.
        async Task<bool> ExistsAsync(DocumentWrite.Increment increment)
        {
            if (exists.TryGetValue(increment.Id, out var known))
                return known;
            using var item = await CosmosDocumentStore.ReadItemAsync(container, Address(increment), cancellationToken).ConfigureAwait(false);
            return item is not null;
        }

        MemoryStream Item(string id, object value)
        {
            var item = CosmosItem.Write(new DocumentAddress(_container, _partitionKey, id), value, _json);
            length += item.Length;
            return length <= CosmosItem.MaxLength
                ? item
                : throw new StorageTooLargeException($"A batch holds at most {CosmosItem.MaxLength} bytes in Cosmos DB.");
        }
    }

    private static TransactionalBatchItemRequestOptions Matching(string etag) =>
        new() { EnableContentResponseOnWrite = false, IfMatchEtag = CosmosDocumentStore.OneETag(etag) };

    // The writes beside the one that failed answer 424.
    private static int Failed(TransactionalBatchResponse answer)
    {
        for (var i = 0; i < answer.Count; i++)
        {
            if (!answer[i].IsSuccessStatusCode && answer[i].StatusCode != HttpStatusCode.FailedDependency)
                return i;
        }

        return -1;
    }

    private DocumentAddress Address(DocumentWrite write) => new(_container, _partitionKey, write.Id);
}
