using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace TumorFunctions.Api.Segmentation;

public sealed partial class SegmentationJob
{
    [Function(nameof(RunSegmentation))]
    public static async Task RunSegmentation([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var job = context.GetInput<JobInput>()!;
        var options = OptionsOf(job.Retry);
        await context.CallActivityAsync(nameof(BeginJob), job, options);

        SortedDictionary<int, Task> running = [];
        var done = 0;
        for (var next = 0; next < job.ImageIds.Count || running.Count > 0;)
        {
            while (running.Count < job.ItemsInFlight && next < job.ImageIds.Count)
            {
                running.Add(next, RunItemAsync(context, job, next, options));
                next++;
            }

            context.SetCustomStatus(new JobStatus(done, [.. running.Keys]));
            var ended = await Task.WhenAny(running.Values);
            await ended;
            var index = running.First(item => item.Value == ended).Key;
            running.Remove(index);
            done += job.Work[index];
        }

        context.SetCustomStatus(new JobStatus(done, []));
        await context.CallActivityAsync(nameof(EndJob), job, options);
    }

    [Function(nameof(RunSegmentationItem))]
    public static async Task RunSegmentationItem([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var item = context.GetInput<ItemInput>()!;
        var options = OptionsOf(item.Retry);
        ItemFailure? failure;
        try
        {
            failure = await AnalyseAsync(context, item, options);
        }
        catch (TaskFailedException)
        {
            // Every attempt at a step failed; the log has the cause.
            failure = Unexpected(item);
        }

        await context.CallActivityAsync(nameof(EndItem), new ItemEnd(item, failure), options);
    }

    private static async Task RunItemAsync(TaskOrchestrationContext context, JobInput job, int index, TaskOptions options)
    {
        var item = new ItemInput(
            job.JobId, index, job.ImageIds[index], job.Work[index], job.WeightPath, job.Confidence, job.CorrelationId, job.Retry);
        try
        {
            await context.CallSubOrchestratorAsync(nameof(RunSegmentationItem), item, new SubOrchestrationOptions(instanceId: item.Run));
        }
        catch (TaskFailedException)
        {
            await context.CallActivityAsync(nameof(EndItem), new ItemEnd(item, Unexpected(item)), options);
        }
    }

    /// <summary>Null where all went well.</summary>
    private static async Task<ItemFailure?> AnalyseAsync(TaskOrchestrationContext context, ItemInput item, TaskOptions options)
    {
        var done = 0;
        var planned = item.Work;
        Begin(JobSteps.Fetch);
        var plan = await context.CallActivityAsync<ItemPlan>(nameof(FetchImage), item, options);
        if (plan.Failure is { } unreadable)
        {
            return unreadable;
        }

        planned = ItemWork.Planned(plan.Depth);
        done += ItemWork.Fetch;
        var input = new PlannedItem(item, plan);
        if (await StepAsync(JobSteps.Prepare, nameof(PrepareSlices), ItemWork.Prepare) is { Failure: { } unprepared })
        {
            return unprepared;
        }

        if (await InferAllAsync() is { } notInferred)
        {
            return notInferred;
        }

        var measured = await StepAsync(JobSteps.Measure, nameof(MeasureFindings), ItemWork.Measure);
        if (measured.Failure is not null)
        {
            return measured.Failure;
        }

        if (measured.Found
            && await StepAsync(JobSteps.Radiomics, nameof(ExtractFeatures), ItemWork.Radiomics) is { Failure: { } notExtracted })
        {
            return notExtracted;
        }

        if (await StepAsync(JobSteps.Save, nameof(SaveAnalysis), ItemWork.Save) is { Failure: { } notSaved })
        {
            return notSaved;
        }

        // The result is safe by now: what hinders the surface, which can be made later, does not undo it.
        if (measured.Found)
        {
            await StepAsync(JobSteps.Mesh, nameof(BuildSurface), ItemWork.Mesh);
        }

        return null;

        void Begin(string step) => context.SetCustomStatus(new ItemStatus(step, done, planned));

        async Task<StepResult> StepAsync(string step, string activity, int work)
        {
            Begin(step);
            var result = await context.CallActivityAsync<StepResult>(activity, input, options);
            done += work;
            return result;
        }

        async Task<ItemFailure?> InferAllAsync()
        {
            List<Task<StepResult>> running = [];
            Begin(JobSteps.Infer);
            for (var next = 0; next < plan.Chunks || running.Count > 0;)
            {
                while (running.Count < plan.ChunksInFlight && next < plan.Chunks)
                {
                    running.Add(InferAsync(next));
                    next++;
                }

                var ended = await Task.WhenAny(running);
                running.Remove(ended);
                if ((await ended).Failure is { } failure)
                {
                    return failure;
                }
            }

            return null;
        }

        async Task<StepResult> InferAsync(int chunk)
        {
            var result = await context.CallActivityAsync<StepResult>(
                nameof(InferSlices), new ChunkInput(item, plan, chunk), options);
            done += ItemWork.Slice * plan.SlicesOf(chunk);
            Begin(JobSteps.Infer);
            return result;
        }
    }

    private static ItemFailure Unexpected(ItemInput item) =>
        new("INTERNAL_ERROR", "服务器内部错误", $"请联系管理员并提供编号 {item.CorrelationId}");
}
