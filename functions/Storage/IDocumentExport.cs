namespace TumorFunctions.Storage;

/// <summary>
/// The documents of all containers and partitions as they are stored, to be copied elsewhere and written back.
/// <para>
/// A snapshot fixes what is read, though writes go on. An adapter says by <see cref="DocumentSnapshot.IsPointInTime"/> what it can
/// promise. SQLite copies its file: all documents are those of one moment. A service without snapshots (Cosmos DB) reads its feed
/// live: each document is one that was current at some time between the start of the snapshot and its end, one written meanwhile may
/// come in its newer version, and one created or deleted meanwhile may be there or not; two documents that are written in one batch may
/// then come from before and after it. Its <see cref="StoredDocument.ChangedAt"/> (<c>_ts</c>, whole seconds) tells which were written
/// after <see cref="DocumentSnapshot.TakenAt"/>.
/// </para>
/// </summary>
public interface IDocumentExport
{
    /// <summary>
    /// Takes a snapshot; where one of this name is held already it stays as it is, through restarts too. A store holds one snapshot:
    /// any of another name is dropped.
    /// </summary>
    /// <param name="snapshot">1 to 63 of a-z, 0-9 and '-'.</param>
    /// <exception cref="StorageAddressException">The name breaks that rule.</exception>
    Task<DocumentSnapshot> BeginSnapshotAsync(string snapshot, CancellationToken cancellationToken = default);

    /// <summary>A page of a container, over all its partitions, in an order that is the same whenever it is asked for.</summary>
    /// <param name="continuation">From the page before; null for the first.</param>
    /// <exception cref="SnapshotNotFoundException">The snapshot is not held (any more).</exception>
    /// <exception cref="StorageAddressException">The container is not declared, or the continuation is none of this container's.</exception>
    Task<DocumentPage> ReadSnapshotAsync(
        string snapshot, string container, string? continuation, CancellationToken cancellationToken = default);

    /// <summary>Gives a snapshot up; without effect where it is not held.</summary>
    Task EndSnapshotAsync(string snapshot, CancellationToken cancellationToken = default);

    /// <summary>A document as it is now, or null when there is none.</summary>
    /// <exception cref="StorageAddressException">The address breaks the rules, or its container is not declared.</exception>
    Task<StoredDocument?> ReadStoredAsync(DocumentAddress address, CancellationToken cancellationToken = default);

    /// <summary>Writes a document as it was stored.</summary>
    /// <param name="json">A JSON object.</param>
    /// <param name="etag">Of the version to replace; null to create.</param>
    /// <exception cref="ArgumentException"><paramref name="json"/> is no JSON object.</exception>
    /// <exception cref="DocumentConflictException">A document with this address exists, and no ETag was given.</exception>
    /// <exception cref="DocumentNotFoundException">There is no document to replace.</exception>
    /// <exception cref="DocumentPreconditionException">The document is no longer the one with this ETag.</exception>
    Task WriteStoredAsync(
        DocumentAddress address, ReadOnlyMemory<byte> json, string? etag, CancellationToken cancellationToken = default);
}

/// <param name="TakenAt">The last moment whose writes it may hold (UTC).</param>
/// <param name="IsPointInTime">Whether all documents are those of one moment.</param>
/// <param name="Containers">All there are.</param>
/// <param name="Documents">How many; null where the service cannot tell without reading them.</param>
public sealed record DocumentSnapshot(
    DateTimeOffset TakenAt, bool IsPointInTime, IReadOnlyList<string> Containers, long? Documents);

/// <param name="Json">The stored body, UTF-8, without what the service adds of its own.</param>
/// <param name="ChangedAt">When this version was written (UTC), as exactly as the store knows; the epoch where it was never noted.</param>
public sealed record StoredDocument(DocumentAddress Address, ReadOnlyMemory<byte> Json, string ETag, DateTimeOffset ChangedAt);

/// <param name="Continuation">Where the next page begins; null after the last.</param>
public sealed record DocumentPage(IReadOnlyList<StoredDocument> Documents, string? Continuation);
