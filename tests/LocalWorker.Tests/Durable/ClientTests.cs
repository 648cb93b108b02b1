using DurableTask.Core.Exceptions;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;

namespace TumorFunctions.LocalWorker.Tests.Durable;

public sealed class ClientTests
{
    [Fact]
    public async Task A_terminated_orchestration_takes_no_result_any_more()
    {
        Signals signals = new();
        await using var app = await DurableApp.StartAsync<Functions>(b => b.Services.AddSingleton(signals));
        var id = await app.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Functions.Slow));
        await signals.Reached.Task;
        await app.Client.TerminateInstanceAsync(id, "stopped");
        signals.Continue.SetResult();
        var end = await app.EndAsync(id);
        Assert.Equal(OrchestrationRuntimeStatus.Terminated, end.RuntimeStatus);
        Assert.Equal("stopped", end.ReadOutputAs<string>());
        await app.RestartAsync();
        Assert.Equal(OrchestrationRuntimeStatus.Terminated, (await app.Client.GetInstanceAsync(id))!.RuntimeStatus);
        await Assert.ThrowsAsync<InvalidOperationException>(() => app.Client.TerminateInstanceAsync(id));
        await Assert.ThrowsAsync<InvalidOperationException>(() => app.Client.RaiseEventAsync(id, "go"));
    }

    [Fact]
    public async Task A_suspended_orchestration_goes_on_when_it_is_resumed()
    {
        await using var app = await DurableApp.StartAsync<Functions>();
        var id = await app.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Functions.Waiter));
        await app.ReachAsync(id, "waiting");
        await app.Client.SuspendInstanceAsync(id, "for now");
        await app.Client.RaiseEventAsync(id, "go", "gone");
        await app.RestartAsync();
        Assert.Equal(OrchestrationRuntimeStatus.Suspended, (await app.Client.GetInstanceAsync(id))!.RuntimeStatus);
        await app.Client.ResumeInstanceAsync(id);
        Assert.Equal("gone", (await app.EndAsync(id)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task An_id_is_free_again_when_its_orchestration_has_ended()
    {
        await using var app = await DurableApp.StartAsync<Functions>();
        StartOrchestrationOptions options = new("the one");
        await app.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Functions.Waiter), options);
        var refusal = await Assert.ThrowsAsync<OrchestrationAlreadyExistsException>(
            () => app.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Functions.Waiter), options));
        Assert.Contains("the one", refusal.Message, StringComparison.Ordinal);
        await app.Client.RaiseEventAsync("the one", "go", "first");
        Assert.Equal("first", (await app.EndAsync("the one")).ReadOutputAs<string>());
        await app.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Functions.Waiter), options);
        await app.Client.RaiseEventAsync("the one", "go", "second");
        Assert.Equal("second", (await app.EndAsync("the one")).ReadOutputAs<string>());
    }

    [Theory]
    [InlineData("")]
    [InlineData("@a")]
    [InlineData("a/b")]
    [InlineData("a#b")]
    [InlineData("a\nb")]
    public async Task An_id_that_Azure_refuses_is_refused(string id)
    {
        await using var app = await DurableApp.StartAsync<Functions>();
        await Assert.ThrowsAsync<ArgumentException>(
            () => app.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Functions.Waiter), new StartOrchestrationOptions(id)));
    }

    [Fact]
    public async Task Unknown_names_are_refused()
    {
        await using var app = await DurableApp.StartAsync<Functions>();
        var refusal = await Assert.ThrowsAsync<ArgumentException>(() => app.Client.ScheduleNewOrchestrationInstanceAsync("Nobody"));
        Assert.Contains("'Nobody'", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(Functions.Waiter), refusal.Message, StringComparison.Ordinal);
        Assert.Null(await app.Client.GetInstanceAsync("nobody"));
        await Assert.ThrowsAsync<ArgumentException>(() => app.Client.RaiseEventAsync("nobody", "go"));
        Assert.Equal(0, (await app.Client.PurgeInstanceAsync("nobody")).PurgedInstanceCount);
    }

    [Fact]
    public async Task Orchestrations_are_listed_in_pages_and_purged_when_they_have_ended()
    {
        await using var app = await DurableApp.StartAsync<Functions>();
        foreach (var number in Enumerable.Range(0, 25))
        {
            await app.Client.ScheduleNewOrchestrationInstanceAsync(
                nameof(Functions.Waiter), new StartOrchestrationOptions($"job-{number:00}"));
        }
        await app.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Functions.Waiter), new StartOrchestrationOptions("other"));
        foreach (var number in Enumerable.Range(0, 10))
        {
            await app.Client.RaiseEventAsync($"job-{number:00}", "go", "done");
            await app.EndAsync($"job-{number:00}");
        }

        OrchestrationQuery all = new(InstanceIdPrefix: "job-", PageSize: 7);
        List<int> pages = [];
        await foreach (var page in app.Client.GetAllInstancesAsync(all).AsPages())
        {
            pages.Add(page.Values.Count);
        }
        Assert.Equal([7, 7, 7, 4], pages);
        Assert.Equal(10, await CountAsync(all with { Statuses = [OrchestrationRuntimeStatus.Completed] }));
        Assert.Equal(0, await CountAsync(all with { CreatedTo = DateTimeOffset.UtcNow.AddDays(-1) }));
        Assert.Equal(26, await CountAsync(new OrchestrationQuery()));

        Assert.Equal(0, (await app.Client.PurgeInstanceAsync("job-20")).PurgedInstanceCount);
        Assert.Equal(1, (await app.Client.PurgeInstanceAsync("job-00")).PurgedInstanceCount);
        Assert.Equal(9, (await app.Client.PurgeAllInstancesAsync(new PurgeInstancesFilter())).PurgedInstanceCount);
        Assert.Equal(16, await CountAsync(new OrchestrationQuery()));

        async Task<int> CountAsync(OrchestrationQuery query)
        {
            var count = 0;
            await foreach (var _ in app.Client.GetAllInstancesAsync(query))
            {
                count++;
            }
            return count;
        }
    }

    [Fact]
    public async Task Inputs_and_outputs_come_only_when_they_are_asked_for()
    {
        await using var app = await DurableApp.StartAsync<Functions>();
        var id = await app.Client.ScheduleNewOrchestrationInstanceAsync(nameof(Functions.Waiter), "in");
        var running = await app.Client.WaitForInstanceStartAsync(id);
        Assert.Null(running.SerializedInput);
        Assert.Throws<InvalidOperationException>(() => running.ReadInputAs<string>());
        Assert.Equal("in", (await app.Client.GetInstanceAsync(id, getInputsAndOutputs: true))!.ReadInputAs<string>());
    }

    [Fact]
    public async Task A_start_can_be_put_off()
    {
        await using var app = await DurableApp.StartAsync<Functions>();
        var due = DateTimeOffset.UtcNow.AddSeconds(1);
        var id = await app.Client.ScheduleNewOrchestrationInstanceAsync(
            nameof(Functions.Clock), new StartOrchestrationOptions(StartAt: due));
        await app.RestartAsync();
        Assert.InRange((await app.EndAsync(id)).ReadOutputAs<DateTime>(), due.UtcDateTime, DateTime.MaxValue);
    }

    [Fact]
    public async Task Two_processes_do_not_share_a_folder()
    {
        await using var app = await DurableApp.StartAsync<Functions>();
        var refusal = await Assert.ThrowsAsync<IOException>(app.LaunchAsync);
        Assert.Contains(app.Folder, refusal.Message, StringComparison.Ordinal);
    }

    public sealed class Functions
    {
        [Function(nameof(Slow))]
        public static Task<string> Slow([OrchestrationTrigger] TaskOrchestrationContext context) =>
            context.CallActivityAsync<string>(nameof(Step));

        [Function(nameof(Step))]
        public static async Task<string> Step([ActivityTrigger] object? input, FunctionContext context)
        {
            var signals = context.InstanceServices.GetRequiredService<Signals>();
            signals.Reached.TrySetResult();
            await signals.Continue.Task;
            return "finished";
        }

        [Function(nameof(Waiter))]
        public static Task<string> Waiter([OrchestrationTrigger] TaskOrchestrationContext context)
        {
            context.SetCustomStatus("waiting");
            return context.WaitForExternalEvent<string>("go");
        }

        [Function(nameof(Clock))]
        public static DateTime Clock([OrchestrationTrigger] TaskOrchestrationContext context) => context.CurrentUtcDateTime;
    }
}
