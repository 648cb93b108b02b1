using System.Collections.Concurrent;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TumorFunctions.LocalWorker.Definition;
using TumorFunctions.LocalWorker.Execution;
using TumorFunctions.LocalWorker.Settings;

namespace TumorFunctions.LocalWorker.Triggers.Blob;

/// <summary>
/// Scans for versions of blobs that a function has not seen and runs it on each, at least once. A scan waits while as many run as
/// may, so that memory does not grow with the number of blobs.
/// </summary>
internal sealed class BlobTriggerHost : IDisposable
{
    // As on Azure: a queue message is given up after five dequeues.
    private const int MaxFailures = 5;
    // Attempts that end with the process say little of the blob, unless they always do.
    private const int MaxStarts = 25;

    private readonly IReadOnlyList<BlobFunction> _functions;
    private readonly IBlobTriggerSource? _source;
    private readonly FunctionDispatcher _dispatcher;
    private readonly BlobReceipts _receipts;
    private readonly TimeProvider _time;
    private readonly ILogger<BlobTriggerHost> _logger;
    private readonly TimeSpan _scanInterval;
    private readonly TimeSpan _retryInterval;
    private readonly int _parallel;
    private readonly SemaphoreSlim _places;
    private readonly ConcurrentDictionary<(string Function, string Blob), bool> _running = new();

    /// <exception cref="InvalidOperationException">A function cannot be triggered, or there is nowhere to look for blobs.</exception>
    public BlobTriggerHost(IReadOnlyList<LocalFunctionDefinition> functions, IServiceProvider services, FunctionDispatcher dispatcher,
        BlobReceipts receipts, TimeProvider time, IConfiguration configuration, ILogger<BlobTriggerHost> logger)
    {
        _functions = [.. functions.Where(f => f.Trigger is BlobTriggerAttribute).Select(f => new BlobFunction(f, configuration))];
        _source = services.GetService<IBlobTriggerSource>();
        if (_source is null && _functions.Count > 0)
        {
            throw new InvalidOperationException(
                $"Function {_functions[0].Definition} has a blob trigger: register an {nameof(IBlobTriggerSource)} with the services.");
        }
        (_dispatcher, _receipts, _time, _logger) = (dispatcher, receipts, time, logger);
        _scanInterval = LocalWorkerSettings.BlobScanInterval(configuration);
        _retryInterval = LocalWorkerSettings.BlobRetryInterval(configuration);
        _parallel = HostJson.ReadConcurrency(configuration, "blobs:maxDegreeOfParallelism", Math.Max(4, Environment.ProcessorCount));
        _places = new SemaphoreSlim(_parallel);
    }

    public bool Any => _functions.Count > 0;

    /// <summary>Ends when it was told to stop and the functions that ran have returned.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        try
        {
            await Task.WhenAll(_functions.Select(function => Task.Run(() => ScanAsync(function, stopping))));
        }
        finally
        {
            for (var i = 0; i < _parallel; i++)
            {
                await _places.WaitAsync(CancellationToken.None);
            }
        }
    }

    public void Dispose() => _places.Dispose();

    private async Task ScanAsync(BlobFunction function, CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                await foreach (var version in _source!.ListAsync(function.Path.Container, function.Path.Prefix, stopping))
                {
                    if (function.Path.Match(version.Name) is { } data && IsDue(function, version.Name, version.ETag))
                    {
                        await BeginAsync(function, version.Name, data, stopping);
                    }
                }
            }
            catch (Exception exception) when (!stopping.IsCancellationRequested)
            {
                Logs.BlobScanFailed(_logger, function.Path.Container, function.Name, exception);
            }
            await Task.Delay(_scanInterval, stopping);
        }
    }

    private bool IsDue(BlobFunction function, string blob, string eTag) =>
        !_running.ContainsKey((function.Name, blob))
        && (_receipts.Find(function.Name, function.Path.Container, blob) is not { } receipt
            || receipt.ETag != eTag
            || (receipt.State == ReceiptState.Open && receipt.Due <= _time.GetUtcNow()));

    private async Task BeginAsync(BlobFunction function, string blob, Dictionary<string, object?> data, CancellationToken stopping)
    {
        await _places.WaitAsync(stopping);
        _running[(function.Name, blob)] = true;
        _ = Task.Run(
            async () =>
            {
                try
                {
                    await ProcessAsync(function, blob, data, stopping);
                }
                catch (Exception exception) when (!stopping.IsCancellationRequested)
                {
                    Logs.BlobScanFailed(_logger, function.Path.Container, function.Name, exception);
                }
                finally
                {
                    _running.TryRemove((function.Name, blob), out _);
                    _places.Release();
                }
            },
            CancellationToken.None);
    }

    private async Task ProcessAsync(BlobFunction function, string blob, Dictionary<string, object?> data, CancellationToken stopping)
    {
        await using var content = await _source!.OpenReadAsync(function.Path.Container, blob, stopping);
        // What is opened may be newer than what was listed, and may have been seen.
        if (content is null || !IsDueNow(content.ETag, out var receipt))
        {
            return;
        }
        receipt = receipt with { Starts = receipt.Starts + 1 };
        if (receipt.Starts > MaxStarts)
        {
            GiveUp($"The process ended {MaxStarts} times while the function ran.");
            return;
        }
        Save(receipt);
        try
        {
            await function.InvokeAsync(_dispatcher, content, blob, data, stopping);
            Save(receipt with { State = ReceiptState.Done });
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            Save(receipt with { Starts = receipt.Starts - 1 });
        }
        catch (Exception exception)
        {
            Retry(exception);
        }

        bool IsDueNow(string eTag, out BlobReceipt found)
        {
            found = _receipts.Find(function.Name, function.Path.Container, blob) is { } known && known.ETag == eTag
                ? known
                : new BlobReceipt(eTag, ReceiptState.Open, 0, 0, default);
            return found.State == ReceiptState.Open && found.Due <= _time.GetUtcNow();
        }

        void Retry(Exception exception)
        {
            receipt = receipt with
            {
                Failures = receipt.Failures + 1,
                Due = _time.GetUtcNow() + (_retryInterval * Math.Pow(2, receipt.Failures)),
            };
            if (receipt.Failures >= MaxFailures)
            {
                GiveUp(exception.Message);
                return;
            }
            Save(receipt, exception.Message);
            Logs.BlobFailed(
                _logger, function.Name, function.Path.Container, blob, receipt.Failures, MaxFailures, receipt.Due);
        }

        void GiveUp(string error)
        {
            Save(receipt with { State = ReceiptState.Poison }, error);
            Logs.BlobPoisoned(_logger, function.Name, function.Path.Container, blob, receipt.ETag, error);
        }

        void Save(BlobReceipt state, string? error = null) =>
            _receipts.Save(function.Name, function.Path.Container, blob, state, error);
    }
}
