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
        const string Now = "CAST(1000*unixepoch('subsec') AS INTEGER)";
        const string Insert =
            $"(partition_key, id, etag, body, changed) VALUES(@p0, @p1, @p2, CAST(@p3 AS TEXT), {Now}) ON CONFLICT";
        const string Taken = "(partition_key, id) DO UPDATE SET etag=excluded.etag, changed=excluded.changed";
        Read = $"SELECT etag, body FROM {QuotedName} {One}";
        ETag = $"SELECT etag FROM {QuotedName} {One}";
        Create = $"INSERT INTO {QuotedName}{Insert} DO NOTHING";
        Upsert = $"INSERT INTO {QuotedName}{Insert}{Taken}, body=excluded.body";
        Merge = $"INSERT INTO {QuotedName}{Insert}{Taken}, body=json_patch(body, excluded.body)";
        Replace = $"UPDATE {QuotedName} SET etag=@p2, body=CAST(@p3 AS TEXT), changed={Now} {One} AND etag=@p4";
        Stored = $"SELECT etag, changed, body FROM {QuotedName} {One}";
        Page = $"SELECT rowid, partition_key, id, etag, changed, body FROM {QuotedName} WHERE rowid>@p0 ORDER BY rowid";
        Count = $"SELECT count(*) FROM {QuotedName}";
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

    public string Stored { get; }

    /// <summary>Of all partitions, from a row on.</summary>
    public string Page { get; }

    public string Count { get; }
}
