namespace TumorFunctions.LocalWorker.Durable.Store;

/// <summary>The tables. Times are ticks of UTC; seq counts up over all of history and is never used twice.</summary>
internal static class WorkerSchema
{
    private const int Version = 1;

    /// <exception cref="InvalidDataException">The file was written by a later version.</exception>
    public static void Create(SqlSession session)
    {
        var found = (long)session.Scalar("PRAGMA user_version")!;
        if (found > Version)
        {
            throw new InvalidDataException(
                $"The worker's database has format {found}, and this version knows up to {Version}: use the newer version.");
        }
        session.Execute(
            """
            CREATE TABLE IF NOT EXISTS instances(
                id TEXT PRIMARY KEY, execution TEXT NOT NULL, name TEXT NOT NULL, status INTEGER NOT NULL,
                created INTEGER NOT NULL, updated INTEGER NOT NULL, start_at INTEGER NOT NULL,
                input TEXT, output TEXT, custom_status TEXT, failure TEXT,
                parent TEXT, parent_execution TEXT, parent_name TEXT, parent_task INTEGER,
                processed INTEGER NOT NULL DEFAULT 0)
            """);
        session.Execute("CREATE INDEX IF NOT EXISTS instances_status ON instances(status)");
        session.Execute("CREATE INDEX IF NOT EXISTS instances_parent ON instances(parent) WHERE parent IS NOT NULL");
        session.Execute(
            """
            CREATE TABLE IF NOT EXISTS history(
                seq INTEGER PRIMARY KEY AUTOINCREMENT, instance TEXT NOT NULL, at INTEGER NOT NULL, kind INTEGER NOT NULL,
                task INTEGER NOT NULL, name TEXT, target TEXT, data TEXT, due INTEGER NOT NULL)
            """);
        session.Execute("CREATE INDEX IF NOT EXISTS history_instance ON history(instance, seq)");
        session.Execute("CREATE INDEX IF NOT EXISTS history_task ON history(instance, task, kind)");
        session.Execute(
            """
            CREATE TABLE IF NOT EXISTS timers(
                function TEXT PRIMARY KEY, schedule TEXT NOT NULL, last INTEGER NOT NULL, next INTEGER NOT NULL, updated INTEGER NOT NULL)
            """);
        session.Execute(
            """
            CREATE TABLE IF NOT EXISTS blob_receipts(
                function TEXT NOT NULL, container TEXT NOT NULL, name TEXT NOT NULL, etag TEXT NOT NULL, state INTEGER NOT NULL,
                failures INTEGER NOT NULL, starts INTEGER NOT NULL, due INTEGER NOT NULL, error TEXT, updated INTEGER NOT NULL,
                PRIMARY KEY(function, container, name))
            """);
        session.Execute("CREATE INDEX IF NOT EXISTS blob_receipts_state ON blob_receipts(state) WHERE state <> 1");
        session.Execute($"PRAGMA user_version={Version}");
    }
}
