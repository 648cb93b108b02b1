using System.Globalization;
using System.Text.Json;

namespace TumorFunctions.Storage.Embedded;

// A snapshot is a copy of the database file beside it, which outlives the process: all documents of one moment.
public sealed partial class SqliteDocumentStore
{
    private const int MaxPageDocuments = 1000;
    private const int MaxPageBytes = 2 << 20;
    private const string SnapshotMark = ".snapshot-";
    private const string DraftEnd = ".draft";

    public async Task<DocumentSnapshot> BeginSnapshotAsync(string snapshot, CancellationToken cancellationToken = default)
    {
        var path = SnapshotPath(snapshot);
        if (!File.Exists(path))
        {
            foreach (var other in Directory.EnumerateFiles(Path.GetDirectoryName(_path)!, Path.GetFileName(_path) + SnapshotMark + "*"))
                File.Delete(other);

            var draft = path + DraftEnd;
            await _lanes.ReadAsync(
                session =>
                {
                    session.CopyTo(draft);
                    return true;
                },
                cancellationToken).ConfigureAwait(false);
            File.SetLastWriteTimeUtc(draft, DateTime.UtcNow);
            File.Move(draft, path);
        }

        using var copy = new SqliteSession(path, readOnly: true);
        return new DocumentSnapshot(
            File.GetLastWriteTimeUtc(path),
            IsPointInTime: true,
            [.. _tables.Keys.Order(StringComparer.Ordinal)],
            _tables.Values.Sum(table => (long)copy.Scalar(table.Count)!));
    }

    public Task<DocumentPage> ReadSnapshotAsync(
        string snapshot, string container, string? continuation, CancellationToken cancellationToken = default)
    {
        var path = SnapshotPath(snapshot);
        var table = Table(container);
        var after = 0L;
        if (continuation is not null && !long.TryParse(continuation, NumberStyles.None, CultureInfo.InvariantCulture, out after))
            throw new StorageAddressException($"'{continuation}' continues no page of container '{container}'.");
        if (!File.Exists(path))
            throw new SnapshotNotFoundException(snapshot);

        cancellationToken.ThrowIfCancellationRequested();
        using var copy = new SqliteSession(path, readOnly: true);
        using var row = copy.Read(table.Page, after);
        List<StoredDocument> page = [];
        var bytes = 0;
        while (row.Read())
        {
            if (page.Count == MaxPageDocuments || bytes >= MaxPageBytes)
                return Task.FromResult(new DocumentPage(page, after.ToString(CultureInfo.InvariantCulture)));
            after = row.GetInt64(0);
            var body = SqliteSession.Bytes(row, 5);
            bytes += body.Length;
            page.Add(new StoredDocument(
                new DocumentAddress(container, row.GetString(1), row.GetString(2)),
                body,
                row.GetString(3),
                DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4))));
        }

        return Task.FromResult(new DocumentPage(page, null));
    }

    public Task EndSnapshotAsync(string snapshot, CancellationToken cancellationToken = default)
    {
        File.Delete(SnapshotPath(snapshot));
        return Task.CompletedTask;
    }

    public Task<StoredDocument?> ReadStoredAsync(DocumentAddress address, CancellationToken cancellationToken = default)
    {
        var table = Table(address);
        return _lanes.ReadAsync(
            session =>
            {
                using var row = session.Read(table.Stored, address.PartitionKey, address.Id);
                return row.Read()
                    ? new StoredDocument(
                        address, SqliteSession.Bytes(row, 2), row.GetString(0), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)))
                    : null;
            },
            cancellationToken);
    }

    public Task WriteStoredAsync(
        DocumentAddress address, ReadOnlyMemory<byte> json, string? etag, CancellationToken cancellationToken = default)
    {
        var table = Table(address);
        CheckObject(json);
        DocumentWrite write = etag is null
            ? new DocumentWrite.Create(address.Id, json)
            : new DocumentWrite.Replace(address.Id, json, etag);
        var body = json.ToArray();
        return _lanes.WriteAsync(
            session => session.InTransaction(s => Write(s, table, address, write, body)), cancellationToken);
    }

    private static void CheckObject(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
                return;
        }
        catch (JsonException exception)
        {
            throw new ArgumentException("A document is a JSON object; this is no JSON.", nameof(json), exception);
        }

        throw new ArgumentException("A document is a JSON object.", nameof(json));
    }

    private string SnapshotPath(string snapshot)
    {
        AddressRules.CheckSnapshot(snapshot);
        return _path + SnapshotMark + snapshot;
    }
}
