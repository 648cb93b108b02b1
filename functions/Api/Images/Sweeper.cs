using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Images;

/// <summary>Deletes, at start and then once per grace time, what interrupted uploads, analyses and deletes left behind.</summary>
public sealed class Sweeper(
    ImageFiles files, IEnumerable<IUnfinishedWrites> stores, IOptions<ImageOptions> options, TimeProvider time, ILogger<Sweeper> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var grace = TimeSpan.FromSeconds(options.Value.OrphanGraceSeconds);
        using var timer = new PeriodicTimer(grace, time);
        do
        {
            await SweepAsync(grace, stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task SweepAsync(TimeSpan grace, CancellationToken stoppingToken)
    {
        try
        {
            var orphans = await files.SweepAsync(grace, stoppingToken);
            var unfinished = 0;
            foreach (var store in stores)
            {
                unfinished += await store.SweepAsync(grace, stoppingToken);
            }

            if (orphans + unfinished > 0)
            {
                logger.Swept(orphans, unfinished);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            logger.SweepFailed(exception);
        }
    }
}
