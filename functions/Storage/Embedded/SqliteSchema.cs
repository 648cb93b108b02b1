using System.Globalization;

namespace TumorFunctions.Storage.Embedded;

/// <summary>
/// The database file: one rowid table a container with a unique index over (partition_key, id), the body as JSON text, the time of its
/// writing (Unix ms), and an expression index a declared property.
/// </summary>
internal static class SqliteSchema
{
    /// <summary>PRAGMA user_version of the files that this code reads and writes.</summary>
    public const long Version = 2;

    /// <summary>PRAGMA application_id, "TuFn": tells these files from other SQLite files.</summary>
    private const long ApplicationId = 0x5475466e;

    /// <summary>Opens or creates the file, brings tables and indexes in line with the declaration, and returns the writer.</summary>
    /// <exception cref="InvalidDataException">The file is another program's, or a newer version's.</exception>
    public static SqliteSession Open(string databasePath, IEnumerable<SqliteTable> tables)
    {
        PrivateFolder.Create(Path.GetDirectoryName(databasePath)!);
        var session = new SqliteSession(databasePath, readOnly: false);
        try
        {
            CheckOwner(session, databasePath);
            if (session.Scalar("PRAGMA journal_mode=WAL") is not "wal")
                throw new InvalidDataException($"The file system of '{databasePath}' does not support SQLite's WAL mode.");

            session.InTransaction(s =>
            {
                Declare(s, tables);
                return true;
            });
            // Lets the planner know how selective each index is.
            session.Execute("PRAGMA optimize=0x10002");
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Orders the types as Cosmos DB does, null &lt; boolean &lt; number &lt; string &lt; array &lt; object, and is NULL where the
    /// property is absent.
    /// </summary>
    public static string Rank(string property) =>
        $"""
        CASE json_type(body,'$."{property}"') WHEN 'null' THEN 0 WHEN 'true' THEN 1 WHEN 'false' THEN 1 WHEN 'integer' THEN 2
        WHEN 'real' THEN 2 WHEN 'text' THEN 3 WHEN 'array' THEN 4 WHEN 'object' THEN 5 END
        """;

    public static string Value(string property) => $"""json_extract(body,'$."{property}"')""";

    private static void CheckOwner(SqliteSession session, string databasePath)
    {
        var version = Number(session, "PRAGMA user_version");
        if (Number(session, "PRAGMA application_id") == ApplicationId)
        {
            if (version > Version)
            {
                throw new InvalidDataException(
                    $"'{databasePath}' has schema version {version}; this program knows versions up to {Version}. Use a newer program.");
            }
        }
        else if (version != 0 || Number(session, "SELECT count(*) FROM sqlite_master") != 0)
        {
            throw new InvalidDataException($"'{databasePath}' is another program's database. Name a file of its own for the documents.");
        }
    }

    private static void Declare(SqliteSession session, IEnumerable<SqliteTable> tables)
    {
        session.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id={ApplicationId}"));
        session.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version={Version}"));
        session.Execute("CREATE TABLE IF NOT EXISTS probe(id INTEGER PRIMARY KEY, value TEXT NOT NULL)");
        foreach (var table in tables)
        {
            session.Execute(
                $"""
                CREATE TABLE IF NOT EXISTS {table.QuotedName}(
                    partition_key TEXT NOT NULL, id TEXT NOT NULL, etag TEXT NOT NULL, body TEXT NOT NULL,
                    changed INTEGER NOT NULL DEFAULT 0, UNIQUE(partition_key, id))
                """);
            // Version 1 did not note when a document was written.
            if (Number(session, "SELECT count(*) FROM pragma_table_info(@p0) WHERE name='changed'", table.Name) == 0)
                session.Execute($"ALTER TABLE {table.QuotedName} ADD COLUMN changed INTEGER NOT NULL DEFAULT 0");

            var present = new HashSet<string>(StringComparer.Ordinal);
            using (var rows = session.Read(
                "SELECT name FROM sqlite_master WHERE type='index' AND tbl_name=@p0 AND sql IS NOT NULL", table.Name))
            {
                while (rows.Read())
                    present.Add(rows.GetString(0));
            }

            foreach (var property in table.Container.IndexedProperties.Distinct(StringComparer.Ordinal))
            {
                var index = $"{table.Name}.{property}";
                if (!present.Remove(index))
                {
                    session.Execute(
                        $"CREATE INDEX \"{index}\" ON {table.QuotedName}(partition_key, {Rank(property)}, {Value(property)}, id)");
                }
            }

            foreach (var undeclared in present)
                session.Execute($"DROP INDEX \"{undeclared}\"");
        }
    }

    private static long Number(SqliteSession session, string sql, params ReadOnlySpan<object> values) =>
        (long)session.Scalar(sql, values)!;
}
