using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Admin;

/// <summary>
/// Counts HTTP calls over all instances and restarts: each instance adds what it saw to one stored counter every few seconds and when
/// it stops. A killed instance loses what it had not yet added.
/// </summary>
public sealed class RequestCounter(IDocumentStore documents, TimeProvider time, ILogger<RequestCounter> logger) : BackgroundService
{
    public const string Container = "system";

    private const string Field = "calls";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private static readonly DocumentAddress Address = new(Container, "counters", "api_calls");

    private long _pending;

    public static DocumentContainer Definition { get; } = new(Container, []);

    public void Count() => Interlocked.Increment(ref _pending);

    public async Task<long> TotalAsync(CancellationToken cancellationToken)
    {
        var stored = await documents.ReadAsync<Calls>(Address, cancellationToken);
        return (stored?.Value.Count ?? 0) + Interlocked.Read(ref _pending);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await FlushAsync();
            }
        }
        catch (OperationCanceledException)
        {
            await FlushAsync();
        }
    }

    private async Task FlushAsync()
    {
        var seen = Interlocked.Exchange(ref _pending, 0);
        if (seen == 0)
        {
            return;
        }

        try
        {
            await documents.IncrementAsync(Address, new Dictionary<string, long> { [Field] = seen }, CancellationToken.None);
        }
        catch (Exception exception)
        {
            Interlocked.Add(ref _pending, seen);
            logger.CounterNotWritten(exception);
        }
    }

    private sealed record Calls([property: System.Text.Json.Serialization.JsonPropertyName(Field)] long Count);
}

/// <summary>Counts every HTTP call, refused ones too.</summary>
public sealed class RequestCountMiddleware(RequestCounter counter) : IFunctionsWorkerMiddleware
{
    public Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        if (context.GetHttpContext() is not null)
        {
            counter.Count();
        }

        return next(context);
    }
}
