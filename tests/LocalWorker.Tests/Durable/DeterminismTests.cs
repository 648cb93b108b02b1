using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace TumorFunctions.LocalWorker.Tests.Durable;

public sealed class DeterminismTests
{
    [Theory]
    [InlineData("other activity", "step 1 is activity 'Second' in the history, but the code came to activity 'Third'.")]
    [InlineData("timer", "step 1 is activity 'Second' in the history, but the code came to a timer.")]
    [InlineData("one more", "the code came to activity 'Third' as step 3, where the history has only 3 steps.")]
    [InlineData("one less", "the history has the result of activity 'Second' as step 1, which the code has not come to.")]
    [InlineData("no timer", "step 2 is a timer in the history, but the code did not come to it.")]
    [InlineData("nothing", "the history has the result of activity 'First' as step 0, which the code has not come to.")]
    [InlineData("the end", "the code ended after step 2 (a timer), where the history goes on.")]
    public async Task Code_that_departs_from_its_history_fails_by_the_step(string change, string difference)
    {
        Functions.Change = "";
        await using var app = await DurableApp.StartAsync<Functions>();
        var id = await app.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Functions.Changing));
        await app.ReachAsync(id, "waiting");
        await app.StopAsync();
        Functions.Change = change;
        await app.StartAsync();
        await app.Client.RaiseEventAsync(id, "go");
        var end = await app.EndAsync(id);
        Assert.Equal(OrchestrationRuntimeStatus.Failed, end.RuntimeStatus);
        Assert.Contains(difference, end.FailureDetails!.ErrorMessage, StringComparison.Ordinal);
        Assert.Contains(app.App.Log.Entries, entry => entry.Contains(difference, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Code_that_stays_as_it_was_goes_on()
    {
        Functions.Change = "";
        await using var app = await DurableApp.StartAsync<Functions>();
        var id = await app.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Functions.Changing));
        await app.ReachAsync(id, "waiting");
        await app.RestartAsync();
        await app.Client.RaiseEventAsync(id, "go");
        Assert.Equal(OrchestrationRuntimeStatus.Completed, (await app.EndAsync(id)).RuntimeStatus);
    }

    [Theory]
    [InlineData(nameof(Functions.Delays), "the start")]
    [InlineData(nameof(Functions.Leaves), "step 0 (activity 'First')")]
    [InlineData(nameof(Functions.RunsAside), "step 0 (activity 'First')")]
    [InlineData(nameof(Functions.DelaysBesideAnEvent), "the start")]
    public async Task Code_that_awaits_what_is_not_the_contexts_fails_by_name(string orchestrator, string place)
    {
        await using var app = await DurableApp.StartAsync<Functions>();
        var end = await app.RunAsync(orchestrator);
        Assert.Equal(OrchestrationRuntimeStatus.Failed, end.RuntimeStatus);
        Assert.Contains("awaiting non-durable tasks", end.FailureDetails!.ErrorMessage, StringComparison.Ordinal);
        Assert.Contains(place, end.FailureDetails!.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Code_may_yield_and_await_what_is_done()
    {
        await using var app = await DurableApp.StartAsync<Functions>();
        Assert.Equal(3, (await app.RunAsync(nameof(Functions.Yields))).ReadOutputAs<int>());
    }

    public sealed class Functions
    {
        public static string Change { get; set; } = "";

        [Function(nameof(Changing))]
        public static async Task Changing([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            if (Change == "nothing")
            {
                await context.WaitForExternalEvent<string>("go");
                return;
            }
            await context.CallActivityAsync(nameof(First));
            if (Change == "one less")
            {
                await context.WaitForExternalEvent<string>("go");
            }
            else
            {
                await (Change switch
                {
                    "other activity" => context.CallActivityAsync(nameof(Third)),
                    "timer" => context.CreateTimer(TimeSpan.FromHours(1), CancellationToken.None),
                    _ => context.CallActivityAsync(nameof(Second)),
                });
            }
            if (Change != "no timer")
            {
                _ = context.CreateTimer(TimeSpan.FromHours(1), CancellationToken.None);
            }
            if (Change == "one more")
            {
                await context.CallActivityAsync(nameof(Third));
            }
            if (Change == "the end")
            {
                return;
            }
            context.SetCustomStatus("waiting");
            await context.WaitForExternalEvent<string>("go");
            await context.WaitForExternalEvent<string>("go", TimeSpan.FromMilliseconds(1)).ContinueWith(_ => { }, TaskScheduler.Current);
        }

        [Function(nameof(First))]
        public static void First([ActivityTrigger] string? input)
        {
        }

        [Function(nameof(Second))]
        public static void Second([ActivityTrigger] string? input)
        {
        }

        [Function(nameof(Third))]
        public static void Third([ActivityTrigger] string? input)
        {
        }

        [Function(nameof(Delays))]
        public static async Task Delays([OrchestrationTrigger] TaskOrchestrationContext context) => await Task.Delay(50);

        [Function(nameof(Leaves))]
        public static async Task Leaves([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            await context.CallActivityAsync(nameof(First)).ConfigureAwait(false);
            await context.CallActivityAsync(nameof(Second));
        }

        [Function(nameof(RunsAside))]
        public static async Task RunsAside([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            await context.CallActivityAsync(nameof(First));
            await Task.Run(() => Thread.Sleep(20));
        }

        [Function(nameof(DelaysBesideAnEvent))]
        public static async Task DelaysBesideAnEvent([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            var waiting = context.WaitForExternalEvent<string>("never");
            await Task.Delay(50);
            await waiting;
        }

        [Function(nameof(Yields))]
        public static async Task<int> Yields([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            await Task.Yield();
            await context.CallActivityAsync(nameof(First));
            await Task.CompletedTask;
            return await ValueTask.FromResult(3);
        }
    }
}
