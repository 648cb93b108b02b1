using TumorFunctions.Api.Http;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Backups;

/// <summary>The records of backups, and the lock that only one piece of work on them holds at a time.</summary>
public sealed class BackupStore(IDocumentStore documents)
{
    public const string Container = "backups";

    private const int MaxListed = 10_000;
    private static readonly DocumentAddress LockAddress = new(Container, "state", "lock");

    public static DocumentContainer Definition { get; } = new(Container, ["kind", "backup_id"]);

    public async Task<BackupRecord?> FindAsync(string backupId, CancellationToken cancellationToken) =>
        (await documents.ReadAsync<BackupRecord>(AddressOf(backupId), cancellationToken))?.Value;

    /// <summary>All records, the newest first.</summary>
    public async Task<IReadOnlyList<BackupRecord>> ListAsync(CancellationToken cancellationToken)
    {
        var query = new DocumentQuery
        {
            Filters = [new DocumentFilter.Equal("kind", BackupRecord.DocumentKind)],
            OrderBy = "backup_id",
            Descending = true,
            Limit = MaxListed,
        };
        var records = await documents.QueryAsync<BackupRecord>(Container, Container, query, cancellationToken);
        return [.. records.Select(record => record.Value).OrderByDescending(record => record.StartedAt)];
    }

    /// <summary>Without effect where there is such a record.</summary>
    public async Task AddAsync(BackupRecord record, CancellationToken cancellationToken)
    {
        try
        {
            await documents.CreateAsync(AddressOf(record.BackupId), record, cancellationToken);
        }
        catch (DocumentConflictException)
        {
        }
    }

    public Task ChangeAsync(string backupId, Func<BackupRecord, BackupRecord> change, CancellationToken cancellationToken) =>
        documents.ChangeAsync(AddressOf(backupId), change, cancellationToken);

    public Task RemoveAsync(string backupId, CancellationToken cancellationToken) =>
        documents.DeleteAsync(AddressOf(backupId), cancellationToken: cancellationToken);

    public Task<Document<BackupLock>?> ReadLockAsync(CancellationToken cancellationToken) =>
        documents.ReadAsync<BackupLock>(LockAddress, cancellationToken);

    /// <param name="over">The abandoned lock to take over; null where there is to be none.</param>
    /// <returns>False where somebody else was quicker.</returns>
    public async Task<bool> TryLockAsync(BackupLock held, Document<BackupLock>? over, CancellationToken cancellationToken)
    {
        try
        {
            _ = over is null
                ? await documents.CreateAsync(LockAddress, held, cancellationToken)
                : await documents.ReplaceAsync(LockAddress, held, over.ETag, cancellationToken);
            return true;
        }
        catch (StorageException exception) when (exception is
            DocumentConflictException or DocumentPreconditionException or DocumentNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Gives the lock up where it is held for this backup and orchestration.</summary>
    public async Task UnlockAsync(string backupId, string? instanceId, CancellationToken cancellationToken)
    {
        var current = await ReadLockAsync(cancellationToken);
        if (current is { Value: var held } && held.BackupId == backupId && held.InstanceId == instanceId)
        {
            await documents.DeleteAsync(LockAddress, current.ETag, cancellationToken);
        }
    }

    private static DocumentAddress AddressOf(string backupId) => new(Container, Container, backupId);
}
