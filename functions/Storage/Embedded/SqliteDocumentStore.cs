using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;

namespace TumorFunctions.Storage.Embedded;

/// <summary>Documents in one SQLite file in WAL mode: one writer at a time, many readers, each of whom sees the last commit.</summary>
public sealed partial class SqliteDocumentStore : IDocumentStore, IDocumentExport, IAsyncDisposable, IDisposable
{
    private readonly FrozenDictionary<string, SqliteTable> _tables;
    private readonly SqliteLanes _lanes;
    private readonly string _path;
    private readonly JsonSerializerOptions _json;

    /// <summary>Opens or creates the database file and its folder.</summary>
    /// <param name="databasePath">The file; SQLite keeps two more beside it while it is open.</param>
    /// <param name="containers">All containers; an undeclared one is refused.</param>
    /// <param name="json">How values are written; <see cref="StorageJson.Options"/> unless given.</param>
    /// <exception cref="InvalidDataException">The file is another program's, or a newer version's.</exception>
    /// <exception cref="StorageAddressException">A container's or a property's name breaks the rules.</exception>
    public SqliteDocumentStore(
        string databasePath, IReadOnlyList<DocumentContainer> containers, JsonSerializerOptions? json = null)
    {
        _json = json ?? StorageJson.Options;
        foreach (var container in containers)
        {
            AddressRules.CheckDocumentContainer(container.Name);
            foreach (var property in container.IndexedProperties)
                AddressRules.CheckProperty(property);
        }

        _tables = containers.ToFrozenDictionary(container => container.Name, container => new SqliteTable(container));
        _path = Path.GetFullPath(databasePath);
        _lanes = new SqliteLanes(_path, SqliteSchema.Open(_path, _tables.Values));
    }

    public Task<Document<T>?> ReadAsync<T>(DocumentAddress address, CancellationToken cancellationToken = default)
    {
        var table = Table(address);
        return _lanes.ReadAsync(
            session =>
            {
                using var row = session.Read(table.Read, address.PartitionKey, address.Id);
                return row.Read() ? new Document<T>(address, SqliteSession.Json<T>(row, 1, _json), row.GetString(0)) : null;
            },
            cancellationToken);
    }

    public Task<Document<T>> CreateAsync<T>(DocumentAddress address, T value, CancellationToken cancellationToken = default) =>
        WriteAsync(address, value, new DocumentWrite.Create(address.Id, value!), cancellationToken);

    public Task<Document<T>> UpsertAsync<T>(DocumentAddress address, T value, CancellationToken cancellationToken = default) =>
        WriteAsync(address, value, new DocumentWrite.Upsert(address.Id, value!), cancellationToken);

    public Task<Document<T>> ReplaceAsync<T>(
        DocumentAddress address, T value, string etag, CancellationToken cancellationToken = default) =>
        WriteAsync(address, value, new DocumentWrite.Replace(address.Id, value!, etag), cancellationToken);

    public Task<bool> DeleteAsync(DocumentAddress address, string? etag = null, CancellationToken cancellationToken = default)
    {
        var table = Table(address);
        return _lanes.WriteAsync(
            session => session.InTransaction(s =>
            {
                try
                {
                    Write(s, table, address, new DocumentWrite.Delete(address.Id, etag), []);
                    return true;
                }
                catch (DocumentNotFoundException)
                {
                    return false;
                }
            }),
            cancellationToken);
    }

    public Task<IReadOnlyDictionary<string, long>> IncrementAsync(
        DocumentAddress address, IReadOnlyDictionary<string, long> deltas, CancellationToken cancellationToken = default)
    {
        var table = Table(address);
        CheckDeltas(deltas);
        return _lanes.WriteAsync(
            session => session.InTransaction<IReadOnlyDictionary<string, long>>(s => Increment(s, table, address, deltas)),
            cancellationToken);
    }

    public Task ExecuteBatchAsync(
        string container, string partitionKey, IReadOnlyList<DocumentWrite> writes, CancellationToken cancellationToken = default)
    {
        var prepared = new (DocumentAddress Address, DocumentWrite Write, byte[] Body)[writes.Count];
        for (var i = 0; i < prepared.Length; i++)
        {
            var address = new DocumentAddress(container, partitionKey, writes[i].Id);
            AddressRules.Check(address);
            if (writes[i] is DocumentWrite.Increment increment)
                CheckDeltas(increment.Deltas);
            prepared[i] = (address, writes[i], Body(writes[i]));
        }

        var table = Table(container);
        return _lanes.WriteAsync(
            session => session.InTransaction(s =>
            {
                foreach (var (address, write, body) in prepared)
                    Write(s, table, address, write, body);
                return true;
            }),
            cancellationToken);
    }

    public Task<IReadOnlyList<Document<T>>> QueryAsync<T>(
        string container, string partitionKey, DocumentQuery query, CancellationToken cancellationToken = default)
    {
        AddressRules.CheckKey(partitionKey, "partition key");
        var table = Table(container);
        var statement = SqliteQuery.Page(table, partitionKey, query);
        return _lanes.ReadAsync(
            session => session.Interruptible<IReadOnlyList<Document<T>>>(
                s =>
                {
                    List<Document<T>> page = [];
                    using var row = s.Read(statement.Sql, statement.Values);
                    while (row.Read())
                    {
                        var address = new DocumentAddress(container, partitionKey, row.GetString(0));
                        page.Add(new Document<T>(address, SqliteSession.Json<T>(row, 2, _json), row.GetString(1)));
                    }

                    return page;
                },
                cancellationToken),
            cancellationToken);
    }

    public Task<long> CountAsync(
        string container, string partitionKey, DocumentQuery query, CancellationToken cancellationToken = default)
    {
        AddressRules.CheckKey(partitionKey, "partition key");
        var statement = SqliteQuery.Count(Table(container), partitionKey, query);
        return _lanes.ReadAsync(
            session => session.Interruptible(s => (long)s.Scalar(statement.Sql, statement.Values)!, cancellationToken),
            cancellationToken);
    }

    public async Task ProbeAsync(CancellationToken cancellationToken = default)
    {
        var value = Guid.NewGuid().ToString("N");
        await _lanes.WriteAsync(
            session => session.Execute("INSERT INTO probe(id, value) VALUES(1, @p0) ON CONFLICT DO UPDATE SET value=excluded.value", value),
            cancellationToken).ConfigureAwait(false);
        await _lanes.ReadAsync(session => session.Scalar("SELECT value FROM probe WHERE id=1"), cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _lanes.Dispose();

    public ValueTask DisposeAsync() => _lanes.DisposeAsync();

    private Task<Document<T>> WriteAsync<T>(
        DocumentAddress address, T value, DocumentWrite write, CancellationToken cancellationToken)
    {
        var table = Table(address);
        var body = Body(write);
        return _lanes.WriteAsync(
            session => session.InTransaction(s => new Document<T>(address, value, Write(s, table, address, write, body))),
            cancellationToken);
    }

    /// <summary>Carries out one write inside a transaction and returns the document's new ETag.</summary>
    private static string Write(SqliteSession session, SqliteTable table, DocumentAddress address, DocumentWrite write, byte[] body)
    {
        var etag = NewETag();
        switch (write)
        {
            case DocumentWrite.Create:
                if (session.Execute(table.Create, address.PartitionKey, address.Id, etag, body) == 0)
                    throw new DocumentConflictException(address);
                break;
            case DocumentWrite.Upsert:
                session.Execute(table.Upsert, address.PartitionKey, address.Id, etag, body);
                break;
            case DocumentWrite.Replace replace:
                if (session.Execute(table.Replace, address.PartitionKey, address.Id, etag, body, replace.ETag) == 0)
                    throw MissingOrChanged(session, table, address);
                break;
            case DocumentWrite.Delete { ETag: { } expected }:
                if (session.Execute(table.DeleteMatching, address.PartitionKey, address.Id, expected) == 0)
                    throw MissingOrChanged(session, table, address);
                break;
            case DocumentWrite.Delete:
                if (session.Execute(table.Delete, address.PartitionKey, address.Id) == 0)
                    throw new DocumentNotFoundException(address);
                break;
            case DocumentWrite.Increment increment:
                Increment(session, table, address, increment.Deltas);
                break;
            default:
                throw new ArgumentException($"{write.GetType().Name} is no write that is known here.", nameof(write));
        }

        return etag;
    }

    private static Dictionary<string, long> Increment(
        SqliteSession session, SqliteTable table, DocumentAddress address, IReadOnlyDictionary<string, long> deltas)
    {
        var values = new Dictionary<string, long>(deltas, StringComparer.Ordinal);
        using (var row = session.Read(table.Read, address.PartitionKey, address.Id))
        {
            if (row.Read())
            {
                using var document = JsonDocument.Parse(row.GetString(1));
                foreach (var (name, delta) in deltas)
                {
                    if (document.RootElement.TryGetProperty(name, out var current))
                        values[name] = Sum(address, name, current, delta);
                }
            }
        }

        session.Execute(
            table.Merge, address.PartitionKey, address.Id, NewETag(), JsonSerializer.SerializeToUtf8Bytes(values));
        return values;
    }

    private static long Sum(DocumentAddress address, string field, JsonElement current, long delta)
    {
        if (current.ValueKind != JsonValueKind.Number || !current.TryGetInt64(out var whole))
            throw new DocumentFieldException(address, field, "holds no whole number to add to.");
        try
        {
            return checked(whole + delta);
        }
        catch (OverflowException)
        {
            throw new DocumentFieldException(address, field, $"holds {whole}, to which {delta} cannot be added in 64 bits.");
        }
    }

    private static StorageException MissingOrChanged(SqliteSession session, SqliteTable table, DocumentAddress address) =>
        session.Scalar(table.ETag, address.PartitionKey, address.Id) is null
            ? new DocumentNotFoundException(address)
            : new DocumentPreconditionException(address);

    private byte[] Body(DocumentWrite write) => write switch
    {
        DocumentWrite.Create create => Body(create.Value),
        DocumentWrite.Upsert upsert => Body(upsert.Value),
        DocumentWrite.Replace replace => Body(replace.Value),
        _ => [],
    };

    private byte[] Body(object value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var body = JsonSerializer.SerializeToUtf8Bytes(value, value.GetType(), _json);
        return body[0] == (byte)'{' ? body : throw new ArgumentException("A document is a JSON object.", nameof(value));
    }

    private SqliteTable Table(DocumentAddress address)
    {
        AddressRules.Check(address);
        return Table(address.Container);
    }

    private SqliteTable Table(string container) =>
        _tables.TryGetValue(container, out var table)
            ? table
            : throw new StorageAddressException($"Container '{container}' was not declared.");

    private static void CheckDeltas(IReadOnlyDictionary<string, long> deltas)
    {
        if (deltas.Count == 0)
            throw new ArgumentException("An increment names at least one field.", nameof(deltas));
        foreach (var property in deltas.Keys)
            AddressRules.CheckProperty(property);
    }

    private static string NewETag() => Guid.NewGuid().ToString("N", CultureInfo.InvariantCulture);
}
