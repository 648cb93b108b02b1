using System.Collections.Concurrent;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;

namespace TumorFunctions.LocalWorker.Tests.Durable;

public sealed class RetryTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(5);

    [Theory]
    [InlineData(nameof(Functions.Policy), 2, "success at 3", 3)]
    [InlineData(nameof(Functions.Policy), 9, "Task 'Flaky' (#6) failed with an unhandled exception: failure 4", 4)]
    [InlineData(nameof(Functions.Selective), 9, "Task 'Flaky' (#2) failed with an unhandled exception: failure 2", 2)]
    [InlineData(nameof(Functions.Handler), 9, "Task 'Flaky' (#2) failed with an unhandled exception: failure 3", 3)]
    [InlineData(nameof(Functions.None), 1, "Task 'Flaky' (#0) failed with an unhandled exception: failure 1", 1)]
    public async Task A_failed_activity_is_called_again_as_the_policy_says(string orchestrator, int failures, string expected, int calls)
    {
        Calls seen = new() { Failures = failures };
        await using var app = await DurableApp.StartAsync<Functions>(b => b.Services.AddSingleton(seen));
        var end = await app.RunAsync(orchestrator);
        Assert.Equal(expected, end.ReadOutputAs<string>() ?? end.FailureDetails!.ErrorMessage);
        Assert.Equal(calls, seen.Times.Count);
    }

    [Fact]
    public async Task The_waits_grow_up_to_the_longest()
    {
        Calls seen = new() { Failures = 4 };
        await using var app = await DurableApp.StartAsync<Functions>(b => b.Services.AddSingleton(seen));
        Assert.Equal("success at 5", (await app.RunAsync(nameof(Functions.Backoff))).ReadOutputAs<string>());
        var times = seen.Times.ToArray();
        int[] least = [40, 80, 100, 100];
        Assert.All(least.Index(), wait => Assert.InRange(
            (times[wait.Index + 1] - times[wait.Index]).TotalMilliseconds, wait.Item, double.MaxValue));
    }

    [Fact]
    public async Task No_attempt_begins_after_the_timeout()
    {
        Calls seen = new() { Failures = int.MaxValue };
        await using var app = await DurableApp.StartAsync<Functions>(b => b.Services.AddSingleton(seen));
        Assert.Equal(OrchestrationRuntimeStatus.Failed, (await app.RunAsync(nameof(Functions.Timeout))).RuntimeStatus);
        // Every 20 ms for 150 ms, and one that was let in just before.
        Assert.InRange(seen.Times.Count, 1, 9);
    }

    [Theory]
    [InlineData(0, 1, 1.0)]
    [InlineData(1, 0, 1.0)]
    [InlineData(1, 1, 0.5)]
    public void A_policy_without_sense_is_refused(int attempts, int seconds, double backoff) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetryPolicy(attempts, TimeSpan.FromSeconds(seconds), backoff));

    public sealed class Calls
    {
        public int Failures { get; init; }

        public ConcurrentQueue<DateTime> Times { get; } = new();
    }

    public sealed class Functions
    {
        [Function(nameof(Flaky))]
        public static string Flaky([ActivityTrigger] string? input, FunctionContext context)
        {
            var calls = context.InstanceServices.GetRequiredService<Calls>();
            calls.Times.Enqueue(DateTime.UtcNow);
            var count = calls.Times.Count;
            return count > calls.Failures ? $"success at {count}" : throw new NotSupportedException($"failure {count}");
        }

        [Function(nameof(Policy))]
        public static Task<string> Policy([OrchestrationTrigger] TaskOrchestrationContext context) =>
            context.CallActivityAsync<string>(nameof(Flaky), options: TaskOptions.FromRetryPolicy(new RetryPolicy(4, Short)));

        [Function(nameof(Selective))]
        public static Task<string> Selective([OrchestrationTrigger] TaskOrchestrationContext context) =>
            context.CallActivityAsync<string>(nameof(Flaky), new TaskOptions(new RetryPolicy(9, Short)
            {
                HandleFailure = failure => failure.ErrorMessage == "failure 1" && failure.IsCausedBy<NotSupportedException>(),
            }));

        [Function(nameof(Handler))]
        public static Task<string> Handler([OrchestrationTrigger] TaskOrchestrationContext context) =>
            context.CallActivityAsync<string>(nameof(Flaky), TaskOptions.FromRetryHandler(retry => retry.LastAttemptNumber < 3));

        [Function(nameof(None))]
        public static Task<string> None([OrchestrationTrigger] TaskOrchestrationContext context) =>
            context.CallActivityAsync<string>(nameof(Flaky));

        [Function(nameof(Backoff))]
        public static Task<string> Backoff([OrchestrationTrigger] TaskOrchestrationContext context) => context.CallActivityAsync<string>(
            nameof(Flaky),
            new TaskOptions(new RetryPolicy(9, TimeSpan.FromMilliseconds(40), 2, TimeSpan.FromMilliseconds(100))));

        [Function(nameof(Timeout))]
        public static Task<string> Timeout([OrchestrationTrigger] TaskOrchestrationContext context) => context.CallActivityAsync<string>(
            nameof(Flaky),
            new TaskOptions(new RetryPolicy(1000, TimeSpan.FromMilliseconds(20), retryTimeout: TimeSpan.FromMilliseconds(150))));
    }
}
