using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace TumorFunctions.LocalWorker.Tests.Durable;

public sealed class OrchestrationTests
{
    [Fact]
    public async Task Http_starts_an_orchestration_and_shows_how_it_ends()
    {
        await using var app = await DurableApp.StartAsync<Functions>(b => b.Services.AddSingleton(new Greeting("hello")));
        using var started = await app.App.Client.PostAsync("/api/greet/Ann", null);
        var id = await started.Content.ReadAsStringAsync();
        var end = await app.EndAsync(id);
        Assert.Equal(OrchestrationRuntimeStatus.Completed, end.RuntimeStatus);
        Assert.Equal(new Greeted("hello Ann", 3), end.ReadOutputAs<Greeted>());
        Assert.Equal("Ann", end.ReadInputAs<string>());
        Assert.Equal("greeted", end.ReadCustomStatusAs<string>());
        Assert.True(end.IsCompleted);
        Assert.Equal(nameof(Functions.Greet), end.Name);
    }

    [Fact]
    public async Task Two_hundred_activities_run_side_by_side_within_the_limit()
    {
        Gauge gauge = new();
        await using var app = await DurableApp.StartAsync<Functions>(b =>
        {
            b.Services.AddSingleton(gauge);
            b.Configuration["AzureFunctionsJobHost:extensions:durableTask:maxConcurrentActivityFunctions"] = "3";
        });
        var end = await app.RunAsync(nameof(Functions.FanOut), 200);
        Assert.Equal(Enumerable.Range(0, 200).Sum(i => i * i), end.ReadOutputAs<int>());
        Assert.Equal(200, gauge.Count);
        Assert.Equal(3, gauge.Most);
    }

    [Fact]
    public async Task Every_replay_sees_what_the_first_run_saw()
    {
        Functions.Seen.Clear();
        await using var app = await DurableApp.StartAsync<Functions>();
        var end = await app.RunAsync(nameof(Functions.Deterministic));
        var runs = Functions.Seen.ToArray();
        var last = runs[^1];
        Assert.Equal(OrchestrationRuntimeStatus.Completed, end.RuntimeStatus);
        Assert.Equal(5, runs.Length);
        Assert.Equal(10, last.Count);
        Assert.Equal(10, last.Distinct().Count());
        Assert.All(runs, run => Assert.Equal(last.Take(run.Count), run));
        Assert.Equal(5, app.App.Log.Entries.Count(entry => entry.Contains("once each", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Sub_orchestrations_return_and_fail_to_their_parent()
    {
        await using var app = await DurableApp.StartAsync<Functions>();
        var end = await app.RunAsync(nameof(Functions.Parent));
        Assert.Equal(
            ["child-1 of Parent: 42", "failed: Task 'Child' (#1) failed with an unhandled exception: bad seven"],
            end.ReadOutputAs<string[]>()!);
    }

    [Fact]
    public async Task A_parent_hears_that_its_sub_orchestration_was_terminated()
    {
        await using var app = await DurableApp.StartAsync<Functions>();
        var id = await app.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Functions.ParentOfWaiter));
        await app.ReachAsync("waiter", "waiting");
        await app.Client.TerminateInstanceAsync("waiter", "enough");
        Assert.Contains("terminated", (await app.EndAsync(id)).ReadOutputAs<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Continue_as_new_keeps_the_events_that_nobody_took()
    {
        await using var app = await DurableApp.StartAsync<Functions>();
        var id = await app.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Functions.Collect), Array.Empty<int>());
        for (var i = 0; i < 50; i++)
        {
            await app.Client.RaiseEventAsync(id, "NUMBER", i);
        }
        Assert.Equal(Enumerable.Range(0, 50), (await app.EndAsync(id)).ReadOutputAs<int[]>());
    }

    [Fact]
    public async Task A_wait_for_an_event_can_run_out()
    {
        await using var app = await DurableApp.StartAsync<Functions>();
        Assert.Equal("too late", (await app.RunAsync(nameof(Functions.Impatient))).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Orchestrations_send_each_other_events()
    {
        await using var app = await DurableApp.StartAsync<Functions>();
        var id = await app.Client.ScheduleNewOrchestrationInstanceAsync(
            nameof(Functions.Waiter), new StartOrchestrationOptions("receiver"));
        await app.RunAsync(nameof(Functions.Sender), id);
        Assert.Equal("sent", (await app.EndAsync(id)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task A_custom_status_of_more_than_16_KB_is_refused()
    {
        await using var app = await DurableApp.StartAsync<Functions>();
        var end = await app.RunAsync(nameof(Functions.LargeStatus), 8190);
        Assert.Equal(OrchestrationRuntimeStatus.Completed, end.RuntimeStatus);
        end = await app.RunAsync(nameof(Functions.LargeStatus), 8191);
        Assert.Equal(OrchestrationRuntimeStatus.Failed, end.RuntimeStatus);
        Assert.Contains("must not exceed 16 KB", end.FailureDetails!.ErrorMessage, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_activity_that_does_not_exist_fails_by_name()
    {
        await using var app = await DurableApp.StartAsync<Functions>();
        var end = await app.RunAsync(nameof(Functions.CallsNobody));
        Assert.Contains("There is no activity 'Nobody'", end.FailureDetails!.ErrorMessage, StringComparison.Ordinal);
        Assert.Contains(nameof(Functions.Square), end.FailureDetails!.ErrorMessage, StringComparison.Ordinal);
    }

    public sealed record Greeting(string Word);

    public sealed record Greeted(string Text, int Length);

    public sealed class Gauge
    {
        private readonly Lock _gate = new();
        private int _now;

        public int Count { get; private set; }

        public int Most { get; private set; }

        public void Enter()
        {
            lock (_gate)
            {
                Count++;
                Most = Math.Max(Most, ++_now);
            }
        }

        public void Leave()
        {
            lock (_gate)
            {
                _now--;
            }
        }
    }

    public sealed class Functions
    {
        public static ConcurrentQueue<List<string>> Seen { get; } = new();

        [Function("StartGreet")]
        public async Task<IActionResult> StartGreet([HttpTrigger("post", Route = "greet/{name}")] HttpRequest request, string name,
            [DurableClient] DurableTaskClient client, CancellationToken cancellationToken) => new ContentResult
            {
                Content = await client.ScheduleNewOrchestrationInstanceAsync(nameof(Greet), name, cancellationToken),
            };

        [Function(nameof(Greet))]
        public static async Task<Greeted> Greet([OrchestrationTrigger] TaskOrchestrationContext context, string name)
        {
            var text = await context.CallActivityAsync<string>(nameof(Say), name);
            context.SetCustomStatus("greeted");
            return new Greeted(text, await context.CallActivityAsync<int>(nameof(Measure), new Greeted(name, 0)));
        }

        [Function(nameof(Say))]
        public static async Task<string> Say([ActivityTrigger] string name, FunctionContext context, CancellationToken cancellationToken)
        {
            await Task.Delay(1, cancellationToken);
            return $"{context.InstanceServices.GetRequiredService<Greeting>().Word} {name}";
        }

        [Function(nameof(Measure))]
        public int Measure([ActivityTrigger] Greeted greeted) => greeted.Text.Length;

        [Function(nameof(FanOut))]
        public static async Task<int> FanOut([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            var squares = await Task.WhenAll(Enumerable.Range(0, context.GetInput<int>())
                .Select(i => context.CallActivityAsync<int>(nameof(Square), i)));
            return squares.Sum();
        }

        [Function(nameof(Square))]
        public static async Task<int> Square([ActivityTrigger] int number, FunctionContext context)
        {
            var gauge = context.InstanceServices.GetService<Gauge>();
            gauge?.Enter();
            await Task.Delay(2);
            gauge?.Leave();
            return number * number;
        }

        [Function(nameof(Deterministic))]
        public static async Task Deterministic([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            List<string> seen = [];
            Seen.Enqueue(seen);
            var logger = context.CreateReplaySafeLogger<Functions>();
            for (var i = 0; i < 5; i++)
            {
                seen.Add(context.NewGuid().ToString());
                seen.Add($"{context.CurrentUtcDateTime:O} {i}");
#pragma warning disable CA1848, CA1873
                logger.LogInformation("once each {Step}", i);
#pragma warning restore CA1848, CA1873
                if (i < 4)
                {
                    await context.CallActivityAsync(nameof(Square), i);
                }
            }
        }

        [Function(nameof(Parent))]
        public static async Task<string[]> Parent([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            var good = await context.CallSubOrchestratorAsync<string>(
                nameof(Child), 6, new SubOrchestrationOptions(instanceId: "child-1"));
            try
            {
                await context.CallSubOrchestratorAsync(nameof(Child), 7);
                return [good];
            }
            catch (TaskFailedException e) when (e.FailureDetails.IsCausedBy<NotSupportedException>())
            {
                return [good, $"failed: {e.Message}"];
            }
        }

        [Function(nameof(Child))]
        public static async Task<string> Child([OrchestrationTrigger] TaskOrchestrationContext context, int number)
        {
            var square = await context.CallActivityAsync<int>(nameof(Square), number);
            return number == 7
                ? throw new NotSupportedException("bad seven")
                : $"{context.InstanceId} of {context.Parent!.Name}: {square + number}";
        }

        [Function(nameof(ParentOfWaiter))]
        public static async Task<string> ParentOfWaiter([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            try
            {
                return await context.CallSubOrchestratorAsync<string>(
                    nameof(Waiter), new SubOrchestrationOptions(instanceId: "waiter"));
            }
            catch (TaskFailedException e)
            {
                return e.Message;
            }
        }

        [Function(nameof(Waiter))]
        public static Task<string> Waiter([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            context.SetCustomStatus("waiting");
            return context.WaitForExternalEvent<string>("go");
        }

        [Function(nameof(Sender))]
        public static void Sender([OrchestrationTrigger] TaskOrchestrationContext context) =>
            context.SendEvent(context.GetInput<string>()!, "go", "sent");

        [Function(nameof(Collect))]
        public static async Task<int[]> Collect([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            int[] numbers = [.. context.GetInput<int[]>()!, await context.WaitForExternalEvent<int>("number")];
            if (numbers.Length < 50)
            {
                context.ContinueAsNew(numbers);
            }
            return numbers;
        }

        [Function(nameof(Impatient))]
        public static async Task<string> Impatient([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            try
            {
                return await context.WaitForExternalEvent<string>("never", TimeSpan.FromMilliseconds(10));
            }
            catch (TaskCanceledException)
            {
                return "too late";
            }
        }

        [Function(nameof(LargeStatus))]
        public static void LargeStatus([OrchestrationTrigger] TaskOrchestrationContext context) =>
            context.SetCustomStatus(new string('x', context.GetInput<int>()));

        [Function(nameof(CallsNobody))]
        public static Task CallsNobody([OrchestrationTrigger] TaskOrchestrationContext context) => context.CallActivityAsync("Nobody");
    }
}
