using System.Text.Json;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace TumorFunctions.Storage.Embedded;

/// <summary>One open connection with its prepared statements; used by one caller at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private const int MaxStatements = 128;

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteCommand> _statements = new(StringComparer.Ordinal);

    public SqliteSession(string databasePath, bool readOnly)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = databasePath,
            Pooling = false,
            DefaultTimeout = 5,
        }.ToString());
        try
        {
            _connection.Open();
            Execute("PRAGMA busy_timeout=5000");
            Execute("PRAGMA synchronous=NORMAL");
            Execute("PRAGMA cache_size=-8000");
            Execute(readOnly ? "PRAGMA query_only=1" : "PRAGMA journal_size_limit=67108864");
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    /// <summary>Rows changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<object> values) => Bind(sql, values).ExecuteNonQuery();

    public object? Scalar(string sql, params ReadOnlySpan<object> values) => Bind(sql, values).ExecuteScalar();

    public SqliteDataReader Read(string sql, params ReadOnlySpan<object> values) => Bind(sql, values).ExecuteReader();

    /// <summary>All writes of <paramref name="work"/>, or none.</summary>
    public T InTransaction<T>(Func<SqliteSession, T> work)
    {
        Execute("BEGIN IMMEDIATE");
        try
        {
            var result = work(this);
            Execute("COMMIT");
            return result;
        }
        catch
        {
            // SQLite has rolled back by itself after some errors, a full disk among them.
            if (raw.sqlite3_get_autocommit(_connection.Handle) == 0)
                Execute("ROLLBACK");
            throw;
        }
    }

    /// <summary>Runs <paramref name="work"/> so that a cancellation ends it inside a long statement.</summary>
    public T Interruptible<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken)
    {
        try
        {
            using var registration = cancellationToken.UnsafeRegister(
                static connection => raw.sqlite3_interrupt(((SqliteConnection)connection!).Handle), _connection);
            cancellationToken.ThrowIfCancellationRequested();
            return work(this);
        }
        catch (SqliteException e) when (e.SqliteErrorCode == raw.SQLITE_INTERRUPT)
        {
            throw new OperationCanceledException("The query was cancelled.", e, cancellationToken);
        }
    }

    /// <summary>Reads a JSON column straight from SQLite's page, without a string between.</summary>
    public static T Json<T>(SqliteDataReader row, int column, JsonSerializerOptions json) =>
        JsonSerializer.Deserialize<T>(raw.sqlite3_column_blob(row.Handle!, column), json)!;

    /// <summary>Copies the last commit of the whole database to a file that does not exist yet; others read and write meanwhile.</summary>
    public void CopyTo(string path)
    {
        using var target = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        target.Open();
        _connection.BackupDatabase(target);
        // One file, without a log beside it.
        using var command = target.CreateCommand();
        command.CommandText = "PRAGMA journal_mode=DELETE";
        command.ExecuteNonQuery();
    }

    /// <summary>A column's bytes, copied.</summary>
    public static byte[] Bytes(SqliteDataReader row, int column) => raw.sqlite3_column_blob(row.Handle!, column).ToArray();

    public void Dispose()
    {
        Clear();
        _connection.Dispose();
    }

    /// <summary>The prepared statement with @p0, @p1 … set to <paramref name="values"/>.</summary>
    private SqliteCommand Bind(string sql, ReadOnlySpan<object> values)
    {
        if (!_statements.TryGetValue(sql, out var command))
        {
            if (_statements.Count == MaxStatements)
                Clear();
            command = _connection.CreateCommand();
#pragma warning disable CA2100 // The store's own text; names in it are checked, values are parameters.
            command.CommandText = sql;
#pragma warning restore CA2100
            for (var i = 0; i < values.Length; i++)
                command.Parameters.Add(new SqliteParameter { ParameterName = $"@p{i}" });
            _statements.Add(sql, command);
        }

        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i];
        return command;
    }

    private void Clear()
    {
        foreach (var statement in _statements.Values)
            statement.Dispose();
        _statements.Clear();
    }
}
