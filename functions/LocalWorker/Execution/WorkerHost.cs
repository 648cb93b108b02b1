using Microsoft.Extensions.Hosting;
using TumorFunctions.LocalWorker.Durable.Engine;
using TumorFunctions.LocalWorker.Durable.Store;
using TumorFunctions.LocalWorker.Triggers.Blob;
using TumorFunctions.LocalWorker.Triggers.Timer;

namespace TumorFunctions.LocalWorker.Execution;

/// <summary>Runs what is not triggered by HTTP, from when the app has started to when it stops.</summary>
internal sealed class WorkerHost(WorkerDatabase database, DurableFunctions durable, DurableHub hub, TimerTriggerHost timers,
    BlobTriggerHost blobs) : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _triggers = Task.CompletedTask;

    /// <exception cref="IOException">Another process runs on this data folder.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (durable.Any || timers.Any || blobs.Any)
        {
            database.Open();
        }
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (durable.Any)
        {
            hub.Start();
        }
        _triggers = Task.WhenAll(timers.RunAsync(_stopping.Token), blobs.RunAsync(_stopping.Token));
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await hub.StopAsync(cancellationToken);
        try
        {
            await _triggers.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _stopping.Dispose();
}
