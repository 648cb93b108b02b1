using System.Collections.Concurrent;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using TumorFunctions.LocalWorker.Tests.Durable;

namespace TumorFunctions.LocalWorker.Tests.Triggers;

public sealed class TimerTriggerTests
{
    [Fact]
    public async Task A_missed_time_is_made_up_for_once()
    {
        Clock clock = new() { Now = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero) };
        Runs runs = new();
        await using var app = await DurableApp.StartAsync<Nightly>(b =>
        {
            b.Services.AddSingleton<TimeProvider>(clock);
            b.Services.AddSingleton(runs);
            b.Configuration["Nightly:At"] = "0 0 3 * * *";
            b.Configuration["Logging:LogLevel:TumorFunctions"] = "Debug";
        });
        await SettleAsync(app);
        await app.StopAsync();
        Assert.Empty(runs.Seen);

        clock.Now = new DateTimeOffset(2026, 3, 3, 10, 0, 0, TimeSpan.Zero);
        await app.StartAsync();
        await SettleAsync(app);
        await app.StopAsync();
        var run = Assert.Single(runs.Seen);
        Assert.True(run.IsPastDue);
        Assert.Equal(new DateTime(2026, 3, 2, 3, 0, 0), run.ScheduleStatus!.Next);

        clock.Now = clock.Now.AddHours(1);
        await app.StartAsync();
        await SettleAsync(app);
        Assert.Single(runs.Seen);
    }

    [Fact]
    public async Task A_function_runs_on_every_time_whatever_it_throws()
    {
        Runs runs = new();
        await using var app = await DurableApp.StartAsync<EverySecond>(b => b.Services.AddSingleton(runs));
        await runs.ReachAsync(2);
        Assert.All(runs.Seen, run => Assert.False(run.IsPastDue));
        Assert.Contains(app.App.Log.Entries, entry => entry.Contains("tick failed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_schedule_that_is_none_stops_the_app_by_the_function()
    {
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => DurableApp.StartAsync<Broken>());
        Assert.Contains("'Broken'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("'99' in the field 'second'", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>Waits until the timer sleeps, having done what was due.</summary>
    private static async Task SettleAsync(DurableApp app)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(1));
        while (!app.App.Log.Entries.Any(entry => entry.Contains("runs next at", StringComparison.Ordinal)))
        {
            await Task.Delay(5, patience.Token);
        }
    }

    public sealed class Runs
    {
        public ConcurrentQueue<TimerInfo> Seen { get; } = new();

        public async Task ReachAsync(int count)
        {
            using CancellationTokenSource patience = new(TimeSpan.FromMinutes(1));
            while (Seen.Count < count)
            {
                await Task.Delay(5, patience.Token);
            }
        }
    }

    public sealed class Nightly(Runs runs)
    {
        [Function("Nightly")]
        public void Run([TimerTrigger("%Nightly:At%")] TimerInfo timer) => runs.Seen.Enqueue(timer);
    }

    public sealed class EverySecond(Runs runs)
    {
        [Function("EverySecond")]
        public Task Run([TimerTrigger("* * * * * *")] TimerInfo timer, FunctionContext context, CancellationToken cancellationToken)
        {
            runs.Seen.Enqueue(timer);
            throw new NotSupportedException("tick failed");
        }
    }

    public sealed class Broken
    {
        [Function("Broken")]
        public void Run([TimerTrigger("99 * * * * *")] TimerInfo timer)
        {
        }
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; }

        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
