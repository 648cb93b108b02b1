using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace TumorFunctions.LocalWorker.Tests.App;

/// <summary>Jobs of parallel activities, timers and a sub-orchestration.</summary>
public sealed class JobFunctions(TraceFile trace)
{
    public const int Steps = 8;

    [Function("Start")]
    public async Task<IActionResult> Start(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "jobs/{id}")] HttpRequest request, string id,
        [DurableClient] DurableTaskClient client)
    {
        await client.ScheduleNewOrchestrationInstanceAsync(nameof(Job), id, new StartOrchestrationOptions(id));
        return new AcceptedResult();
    }

    [Function("Show")]
    public async Task<IActionResult> Show(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "jobs/{id}")] HttpRequest request, string id,
        [DurableClient] DurableTaskClient client)
    {
        var job = await client.GetInstanceAsync(id, getInputsAndOutputs: true);
        return job is null
            ? new NotFoundResult()
            : new ObjectResult(new
            {
                status = job.RuntimeStatus.ToString(),
                output = job.SerializedOutput,
                progress = job.SerializedCustomStatus,
                error = job.FailureDetails?.ErrorMessage,
            });
    }

    [Function(nameof(Job))]
    public static async Task<string[]> Job([OrchestrationTrigger] TaskOrchestrationContext context, string id)
    {
        var half = await Task.WhenAll(Enumerable.Range(0, Steps / 2).Select(
            step => context.CallActivityAsync<string>(nameof(Effect), new EffectInput(id, step))));
        context.SetCustomStatus(new { done = half.Length });
        await context.CreateTimer(TimeSpan.FromMilliseconds(20), CancellationToken.None);
        var rest = await context.CallSubOrchestratorAsync<string[]>(nameof(Rest), id);
        return [.. half, .. rest];
    }

    [Function(nameof(Rest))]
    public static async Task<string[]> Rest([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var id = context.GetInput<string>()!;
        List<string> done = [];
        for (var step = Steps / 2; step < Steps; step++)
        {
            done.Add(await context.CallActivityAsync<string>(nameof(Effect), new EffectInput(id, step)));
        }
        return [.. done];
    }

    /// <summary>Returns what it left in the file, which is different every time.</summary>
    [Function(nameof(Effect))]
    public async Task<string> Effect([ActivityTrigger] EffectInput input)
    {
        await Task.Delay(Random.Shared.Next(5));
        var line = string.Create(CultureInfo.InvariantCulture, $"{input.Job} {input.Step} {Guid.NewGuid():N}");
        trace.Add(line);
        await Task.Delay(Random.Shared.Next(5));
        return line;
    }
}

public sealed record EffectInput(string Job, int Step);
