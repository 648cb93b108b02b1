using Microsoft.Extensions.Configuration;
using TumorFunctions.LocalWorker.Settings;

namespace TumorFunctions.LocalWorker.Durable.Store;

/// <summary>
/// The worker's own SQLite file, of one process only: it is opened when a function first needs it, together with a lock file that
/// the system releases when the process ends, however it ends.
/// </summary>
internal sealed class WorkerDatabase(IConfiguration configuration) : IDisposable
{
    private static readonly TimeSpan LockPatience = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private FileStream? _lock;
    private SqlSession? _session;
    private bool _disposed;

    /// <exception cref="IOException">Another process has it.</exception>
    public void Open()
    {
        lock (_gate)
        {
            OpenSession();
        }
    }

    /// <summary>All writes of <paramref name="work"/>, or none; one caller at a time.</summary>
    public T Transact<T>(Func<SqlSession, T> work)
    {
        lock (_gate)
        {
            var session = OpenSession();
            session.Execute("BEGIN IMMEDIATE");
            try
            {
                var result = work(session);
                session.Execute("COMMIT");
                return result;
            }
            catch
            {
                // SQLite may have rolled back by itself.
                try
                {
                    session.Execute("ROLLBACK");
                }
                catch (Microsoft.Data.Sqlite.SqliteException)
                {
                }
                throw;
            }
        }
    }

    public T Read<T>(Func<SqlSession, T> work)
    {
        lock (_gate)
        {
            return work(OpenSession());
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
            _session?.Dispose();
            _session = null;
            _lock?.Dispose();
            _lock = null;
        }
    }

    private SqlSession OpenSession()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_session != null)
        {
            return _session;
        }
        var folder = Path.GetFullPath(LocalWorkerSettings.DataFolder(configuration));
        Directory.CreateDirectory(folder);
        _lock ??= TakeLock(folder);
        var session = new SqlSession(Path.Combine(folder, "worker.db"));
        try
        {
            WorkerSchema.Create(session);
        }
        catch
        {
            session.Dispose();
            throw;
        }
        return _session = session;
    }

    private static FileStream TakeLock(string folder)
    {
        var deadline = Environment.TickCount64 + (long)LockPatience.TotalMilliseconds;
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(folder, "worker.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException exception) when (Environment.TickCount64 >= deadline)
            {
                throw new IOException(
                    $"Another process runs the orchestrations and triggers of the data folder {folder}: stop it, or give this one " +
                    "a data folder of its own.", exception);
            }
            catch (IOException)
            {
                // The process before this one may be on its way out.
                Thread.Sleep(100);
            }
        }
    }
}
