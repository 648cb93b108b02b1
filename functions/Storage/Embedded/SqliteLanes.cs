using System.Collections.Concurrent;

namespace TumorFunctions.Storage.Embedded;

/// <summary>
/// One lane for writers, so that they queue here instead of meeting SQLITE_BUSY, and a bounded number for readers, who see the
/// last commit meanwhile. Callers wait without a thread; the work itself runs on the caller's.
/// </summary>
internal sealed class SqliteLanes : IAsyncDisposable, IDisposable
{
    private readonly string _databasePath;
    private readonly SqliteSession _writer;
    private readonly SemaphoreSlim _writerLane = new(1);
    private readonly ConcurrentStack<SqliteSession> _idleReaders = new();
    private readonly int _readerCount = Math.Clamp(2 * Environment.ProcessorCount, 4, 16);
    private readonly SemaphoreSlim _readerLanes;
    private bool _disposed;

    public SqliteLanes(string databasePath, SqliteSession writer)
    {
        _databasePath = databasePath;
        _writer = writer;
        _readerLanes = new SemaphoreSlim(_readerCount);
    }

    public async Task<T> WriteAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken)
    {
        await _writerLane.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return work(_writer);
        }
        finally
        {
            _writerLane.Release();
        }
    }

    public async Task<T> ReadAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken)
    {
        await _readerLanes.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (!_idleReaders.TryPop(out var reader))
                reader = new SqliteSession(_databasePath, readOnly: true);
            try
            {
                return work(reader);
            }
            finally
            {
                _idleReaders.Push(reader);
            }
        }
        finally
        {
            _readerLanes.Release();
        }
    }

    public void Dispose()
    {
        _writerLane.Wait();
        for (var i = 0; i < _readerCount; i++)
            _readerLanes.Wait();
        Close();
    }

    public async ValueTask DisposeAsync()
    {
        await _writerLane.WaitAsync().ConfigureAwait(false);
        for (var i = 0; i < _readerCount; i++)
            await _readerLanes.WaitAsync().ConfigureAwait(false);
        Close();
    }

    // The lanes stay usable, so that late callers get ObjectDisposedException from the check inside them.
    private void Close()
    {
        if (!_disposed)
        {
            _disposed = true;
            while (_idleReaders.TryPop(out var reader))
                reader.Dispose();
            _writer.Dispose();
        }

        _writerLane.Release();
        _readerLanes.Release(_readerCount);
    }
}
