namespace TumorFunctions.Storage.Embedded;

/// <summary>A container's table and the statements that address one document in it.</summary>
internal sealed class SqliteTable
{
    public SqliteTable(DocumentContainer container)
    {
        Container = container;
        Name = "documents." + container.Name;
        QuotedName = $"\"{Name}\"";
        const string One = "WHERE partition_key=@p0 AND id=@p1";
        const string Insert = "(partition_key, id, etag, body) VALUES(@p0, @p1, @p2, CAST(@p3 AS TEXT)) ON CONFLICT";
        Read = $"SELECT etag, body FROM {QuotedName} {One}";
        ETag = $"SELECT etag FROM {QuotedName} {One}";
        Create = $"INSERT INTO {QuotedName}{Insert} DO NOTHING";
        Upsert = $"INSERT INTO {QuotedName}{Insert}(partition_key, id) DO UPDATE SET etag=excluded.etag, body=excluded.body";
        Merge = $"INSERT INTO {QuotedName}{Insert}(partition_key, id) "
            + "DO UPDATE SET etag=excluded.etag, body=json_patch(body, excluded.body)";
        Replace = $"UPDATE {QuotedName} SET etag=@p2, body=CAST(@p3 AS TEXT) {One} AND etag=@p4";
        Delete = $"DELETE FROM {QuotedName} {One}";
        DeleteMatching = $"{Delete} AND etag=@p2";
    }

    public DocumentContainer Container { get; }

    public string Name { get; }

    public string QuotedName { get; }

    public string Read { get; }

    public string ETag { get; }

    public string Create { get; }

    public string Upsert { get; }

    /// <summary>Sets the top-level fields of the given object and leaves the others.</summary>
    public string Merge { get; }

    public string Replace { get; }

    public string Delete { get; }

    public string DeleteMatching { get; }
}
