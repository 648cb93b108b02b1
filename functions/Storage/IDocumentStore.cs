namespace TumorFunctions.Storage;

/// <summary>
/// JSON documents addressed by (container, partition key, id). The semantics are those that Cosmos DB and SQLite can both keep:
/// point operations with ETags, queries and atomic batches inside one partition.
/// </summary>
public interface IDocumentStore
{
    /// <summary>The document, or null when there is none.</summary>
    Task<Document<T>?> ReadAsync<T>(DocumentAddress address, CancellationToken cancellationToken = default);

    /// <exception cref="DocumentConflictException">A document with this address exists (409).</exception>
    Task<Document<T>> CreateAsync<T>(DocumentAddress address, T value, CancellationToken cancellationToken = default);

    /// <summary>Creates or replaces.</summary>
    Task<Document<T>> UpsertAsync<T>(DocumentAddress address, T value, CancellationToken cancellationToken = default);

    /// <exception cref="DocumentNotFoundException">There is no such document (404).</exception>
    /// <exception cref="DocumentPreconditionException">The document is no longer the one with this ETag (412).</exception>
    Task<Document<T>> ReplaceAsync<T>(DocumentAddress address, T value, string etag, CancellationToken cancellationToken = default);

    /// <summary>Deletes; false when there was nothing to delete.</summary>
    /// <exception cref="DocumentPreconditionException">An ETag was given and the document has another (412).</exception>
    Task<bool> DeleteAsync(DocumentAddress address, string? etag = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Adds to integer fields at the top level of a document in one atomic step, creating document and fields (from 0) as needed,
    /// and returns the new values of the named fields.
    /// </summary>
    /// <exception cref="ArgumentException">No field is named.</exception>
    /// <exception cref="DocumentFieldException">
    /// A field holds something other than a whole number, or the sum leaves the range of a long; nothing is changed.
    /// </exception>
    Task<IReadOnlyDictionary<string, long>> IncrementAsync(
        DocumentAddress address, IReadOnlyDictionary<string, long> deltas, CancellationToken cancellationToken = default);

    /// <summary>All writes happen, or none. Writes address one partition.</summary>
    /// <exception cref="DocumentConflictException">A create met an existing document.</exception>
    /// <exception cref="DocumentNotFoundException">A replace or delete met no document.</exception>
    /// <exception cref="DocumentPreconditionException">An ETag did not match.</exception>
    /// <exception cref="DocumentFieldException">An increment met a field that it cannot add to.</exception>
    Task ExecuteBatchAsync(
        string container, string partitionKey, IReadOnlyList<DocumentWrite> writes, CancellationToken cancellationToken = default);

    /// <summary>One page of a partition, filtered and ordered.</summary>
    Task<IReadOnlyList<Document<T>>> QueryAsync<T>(
        string container, string partitionKey, DocumentQuery query, CancellationToken cancellationToken = default);

    /// <summary>Number of documents of a partition that pass the query's filters; its order and page are ignored.</summary>
    Task<long> CountAsync(
        string container, string partitionKey, DocumentQuery query, CancellationToken cancellationToken = default);

    /// <summary>Answers when the store can be reached and written; throws what hinders it.</summary>
    Task ProbeAsync(CancellationToken cancellationToken = default);
}

/// <summary>Where a document lives. Keys and ids are 1 to 255 characters without '/', '\', '#', '?' and control characters.</summary>
public readonly record struct DocumentAddress(string Container, string PartitionKey, string Id);

/// <summary>A document as it was read, with the ETag that a conditional write names.</summary>
public sealed record Document<T>(DocumentAddress Address, T Value, string ETag);

/// <summary>A write inside <see cref="IDocumentStore.ExecuteBatchAsync"/>.</summary>
public abstract record DocumentWrite(string Id)
{
    public sealed record Create(string Id, object Value) : DocumentWrite(Id);

    public sealed record Upsert(string Id, object Value) : DocumentWrite(Id);

    public sealed record Replace(string Id, object Value, string ETag) : DocumentWrite(Id);

    public sealed record Delete(string Id, string? ETag = null) : DocumentWrite(Id);

    public sealed record Increment(string Id, IReadOnlyDictionary<string, long> Deltas) : DocumentWrite(Id);
}

/// <summary>
/// A query inside one partition. Property names are those of the stored JSON (snake_case), at its top level;
/// documents without the ordering property are left out.
/// </summary>
public sealed record DocumentQuery
{
    /// <summary>All must hold.</summary>
    public IReadOnlyList<DocumentFilter> Filters { get; init; } = [];

    public string? OrderBy { get; init; }

    public bool Descending { get; init; }

    public int Offset { get; init; }

    public int Limit { get; init; } = 100;
}

/// <summary>A condition on stored properties. Values are strings, whole numbers, doubles or booleans, always sent as parameters;
/// properties of another type do not match.</summary>
public abstract record DocumentFilter
{
    public sealed record Equal(string Property, object Value) : DocumentFilter;

    public sealed record AtLeast(string Property, object Value) : DocumentFilter;

    public sealed record LessThan(string Property, object Value) : DocumentFilter;

    /// <summary>Any of the properties holds the text, ASCII case ignored.</summary>
    public sealed record Contains(IReadOnlyList<string> Properties, string Text) : DocumentFilter;
}
