using Microsoft.Data.Sqlite;
using TumorFunctions.LocalWorker.Durable.Store;

namespace TumorFunctions.LocalWorker.Triggers.Blob;

/// <summary>How far a function is with a version of a blob. The numbers are in the database.</summary>
internal enum ReceiptState
{
    Open = 0,
    Done = 1,
    Poison = 2,
}

/// <param name="Failures">Attempts that threw.</param>
/// <param name="Starts">Attempts in all, those included that a dying process cut off.</param>
internal sealed record BlobReceipt(string ETag, ReceiptState State, int Failures, int Starts, DateTimeOffset Due);

/// <summary>Remembers for every blob the version that a function has seen last.</summary>
internal sealed class BlobReceipts(WorkerDatabase database, TimeProvider time) : IPoisonBlobs
{
    public BlobReceipt? Find(string function, string container, string name) => database.Read(sql => sql.Query(
        "SELECT etag, state, failures, starts, due FROM blob_receipts WHERE function=@p0 AND container=@p1 AND name=@p2",
        row => new BlobReceipt(
            row.GetString(0), (ReceiptState)row.GetInt32(1), row.GetInt32(2), row.GetInt32(3), Instant(row, 4)),
        function, container, name).FirstOrDefault());

    public void Save(string function, string container, string name, BlobReceipt receipt, string? error = null) =>
        database.Transact(sql => sql.Execute(
            "INSERT OR REPLACE INTO blob_receipts(function, container, name, etag, state, failures, starts, due, error, updated) " +
            "VALUES(@p0, @p1, @p2, @p3, @p4, @p5, @p6, @p7, @p8, @p9)",
            function, container, name, receipt.ETag, (int)receipt.State, receipt.Failures, receipt.Starts, receipt.Due.UtcTicks,
            error, time.GetUtcNow().UtcTicks));

    public IReadOnlyList<PoisonBlob> List() => database.Read(sql => sql.Query(
        "SELECT function, container, name, etag, failures, error, updated FROM blob_receipts WHERE state=2 ORDER BY updated, name",
        row => new PoisonBlob(row.GetString(0), row.GetString(1), row.GetString(2), row.GetString(3), row.GetInt32(4),
            row.IsDBNull(5) ? "" : row.GetString(5), Instant(row, 6))));

    private static DateTimeOffset Instant(SqliteDataReader row, int column) => new(row.GetInt64(column), TimeSpan.Zero);
}
