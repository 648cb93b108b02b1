using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using TumorFunctions.LocalWorker.Definition;
using TumorFunctions.LocalWorker.Durable.Store;
using TumorFunctions.LocalWorker.Execution;
using TumorFunctions.LocalWorker.Settings;

namespace TumorFunctions.LocalWorker.Triggers.Timer;

/// <summary>Runs the timer functions, one loop each: a function never runs beside itself, and a time that passes meanwhile is skipped.</summary>
internal sealed class TimerTriggerHost(IReadOnlyList<LocalFunctionDefinition> functions, FunctionDispatcher dispatcher,
    WorkerDatabase database, TimeProvider time, IConfiguration configuration, ILogger<TimerTriggerHost> logger)
{
    // The system's clock may be set meanwhile.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);

    private readonly IReadOnlyList<ScheduledFunction> _timers =
    [
        .. functions.Where(f => f.Trigger is TimerTriggerAttribute).Select(f => ScheduledFunction.Of(f, configuration)),
    ];

    public bool Any => _timers.Count > 0;

    public Task RunAsync(CancellationToken stopping) => Task.WhenAll(_timers.Select(timer => Task.Run(() => RunAsync(timer, stopping))));

    private async Task RunAsync(ScheduledFunction timer, CancellationToken stopping)
    {
        var monitored = timer.Trigger.UseMonitor && !timer.IsFasterThanMonitor(time);
        var status = monitored ? Find(timer) : null;
        if (status is null || status.Schedule != timer.Text)
        {
            var now = time.GetUtcNow();
            status = new TimerRecord(timer.Text, default, Next(timer, now), now);
            Save(timer, status, monitored);
        }
        if (status.Next <= time.GetUtcNow())
        {
            status = await FireAsync(timer, status, monitored, isPastDue: true, stopping);
        }
        else if (timer.Trigger.RunOnStartup)
        {
            status = await FireAsync(timer, status, monitored, isPastDue: false, stopping);
        }
        while (true)
        {
            Logs.TimerScheduled(logger, timer.Function.Name, status.Next);
            await SleepUntilAsync(status.Next, stopping);
            status = await FireAsync(timer, status, monitored, isPastDue: false, stopping);
        }
    }

    private async Task<TimerRecord> FireAsync(
        ScheduledFunction timer, TimerRecord status, bool monitored, bool isPastDue, CancellationToken stopping)
    {
        var fired = time.GetUtcNow();
        TimerInfo info = new() { IsPastDue = isPastDue, ScheduleStatus = monitored ? Describe(status) : null };
        try
        {
            await dispatcher.InvokeAsync(timer.Function, new Dictionary<string, object?>(),
                features => features.Set<ITriggerBinding>(new TriggerValue(timer.Function.TriggerParameter, info)), stopping);
        }
        catch (Exception) when (!stopping.IsCancellationRequested)
        {
            // It is logged; the schedule goes on, as on Azure.
        }
        TimerRecord next = new(timer.Text, fired, Next(timer, fired), time.GetUtcNow());
        Save(timer, next, monitored);
        return next.Next > time.GetUtcNow() ? next : next with { Next = Next(timer, time.GetUtcNow()) };
    }

    private async Task SleepUntilAsync(DateTimeOffset due, CancellationToken stopping)
    {
        while (due - time.GetUtcNow() is var left && left > TimeSpan.Zero)
        {
            // A millisecond more: sleeps are cut to whole ones.
            await Task.Delay(left < LongestSleep ? left + TimeSpan.FromMilliseconds(1) : LongestSleep, stopping);
        }
    }

    private DateTimeOffset Next(ScheduledFunction timer, DateTimeOffset after) => timer.Schedule.Next(after, time.LocalTimeZone);

    private ScheduleStatus Describe(TimerRecord record) => new()
    {
        Last = Local(record.Last),
        Next = Local(record.Next),
        LastUpdated = Local(record.Updated),
    };

    private DateTime Local(DateTimeOffset instant) =>
        instant == default ? default : TimeZoneInfo.ConvertTime(instant, time.LocalTimeZone).DateTime;

    private TimerRecord? Find(ScheduledFunction timer) => database.Read(sql => sql.Query(
        "SELECT schedule, last, next, updated FROM timers WHERE function=@p0",
        row => new TimerRecord(row.GetString(0), Instant(row.GetInt64(1)), Instant(row.GetInt64(2)), Instant(row.GetInt64(3))),
        timer.Function.Name).FirstOrDefault());

    private void Save(ScheduledFunction timer, TimerRecord record, bool monitored)
    {
        if (!monitored)
        {
            return;
        }
        try
        {
            database.Transact(sql => sql.Execute(
                "INSERT OR REPLACE INTO timers(function, schedule, last, next, updated) VALUES(@p0, @p1, @p2, @p3, @p4)",
                timer.Function.Name, record.Schedule, record.Last.UtcTicks, record.Next.UtcTicks, record.Updated.UtcTicks));
        }
        catch (Microsoft.Data.Sqlite.SqliteException exception)
        {
            Logs.TimerFailed(logger, timer.Function.Name, exception);
        }
    }

    private static DateTimeOffset Instant(long ticks) => new(ticks, TimeSpan.Zero);

    private sealed record TimerRecord(string Schedule, DateTimeOffset Last, DateTimeOffset Next, DateTimeOffset Updated);

    private sealed record ScheduledFunction(LocalFunctionDefinition Function, TimerTriggerAttribute Trigger, string Text, CronExpression Schedule)
    {
        public static ScheduledFunction Of(LocalFunctionDefinition function, IConfiguration configuration)
        {
            var trigger = (TimerTriggerAttribute)function.Trigger;
            try
            {
                var text = BindingExpression.Resolve(trigger.Schedule, configuration);
                return new ScheduledFunction(function, trigger, text, CronExpression.Parse(text));
            }
            catch (Exception exception) when (exception is FormatException or InvalidOperationException)
            {
                throw new InvalidOperationException($"Function {function} cannot be scheduled: {exception.Message}", exception);
            }
        }

        public bool IsFasterThanMonitor(TimeProvider time)
        {
            var first = Schedule.Next(time.GetUtcNow(), time.LocalTimeZone);
            return Schedule.Next(first, time.LocalTimeZone) - first < TimeSpan.FromMinutes(1);
        }
    }
}
