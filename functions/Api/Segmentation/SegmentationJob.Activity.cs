using System.Diagnostics;
using Microsoft.Azure.Functions.Worker;
using TumorFunctions.Api.Http;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Segmentation;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Segmentation;

public sealed partial class SegmentationJob
{
    [Function(nameof(BeginJob))]
    public async Task BeginJob([ActivityTrigger] JobInput job, CancellationToken cancellationToken)
    {
        var begun = await jobs.ChangeAsync(
            job.JobId,
            record => record with { Status = JobState.Processing, StartedAt = record.StartedAt ?? time.GetUtcNow() },
            cancellationToken);
        logger.JobBegun(job.JobId, job.ImageIds.Count, job.CorrelationId);
        Debug.Assert(begun is not null, "A job is recorded before its orchestration starts.");
    }

    [Function(nameof(FetchImage))]
    public async Task<ItemPlan> FetchImage([ActivityTrigger] ItemInput item, CancellationToken cancellationToken)
    {
        ItemPlan? plan = null;
        var result = await TryAsync(item, JobSteps.Fetch, async () => plan = await worker.FetchAsync(item, cancellationToken), cancellationToken);
        return result.Failure is { } failure ? ItemPlan.Failed(failure) : plan!;
    }

    [Function(nameof(PrepareSlices))]
    public Task<StepResult> PrepareSlices([ActivityTrigger] PlannedItem input, CancellationToken cancellationToken) =>
        TryAsync(input.Item, JobSteps.Prepare, () => worker.PrepareAsync(input, cancellationToken), cancellationToken);

    [Function(nameof(InferSlices))]
    public Task<StepResult> InferSlices([ActivityTrigger] ChunkInput input, CancellationToken cancellationToken) =>
        TryAsync(input.Item, JobSteps.Infer, () => worker.InferAsync(input, cancellationToken), cancellationToken);

    [Function(nameof(MeasureFindings))]
    public async Task<StepResult> MeasureFindings([ActivityTrigger] PlannedItem input, CancellationToken cancellationToken)
    {
        var found = false;
        var result = await TryAsync(
            input.Item, JobSteps.Measure, async () => found = await worker.MeasureAsync(input, cancellationToken), cancellationToken);
        return result with { Found = found };
    }

    [Function(nameof(ExtractFeatures))]
    public Task<StepResult> ExtractFeatures([ActivityTrigger] PlannedItem input, CancellationToken cancellationToken) =>
        TryAsync(input.Item, JobSteps.Radiomics, () => worker.ExtractFeaturesAsync(input, cancellationToken), cancellationToken);

    [Function(nameof(SaveAnalysis))]
    public Task<StepResult> SaveAnalysis([ActivityTrigger] PlannedItem input, CancellationToken cancellationToken) =>
        TryAsync(input.Item, JobSteps.Save, () => worker.SaveAsync(input, cancellationToken), cancellationToken);

    [Function(nameof(BuildSurface))]
    public Task<StepResult> BuildSurface([ActivityTrigger] PlannedItem input, CancellationToken cancellationToken) =>
        TryAsync(input.Item, JobSteps.Mesh, () => worker.BuildSurfaceAsync(input, cancellationToken), cancellationToken);

    [Function(nameof(EndItem))]
    public async Task EndItem([ActivityTrigger] ItemEnd end, CancellationToken cancellationToken)
    {
        var (item, failure) = end;
        if (await jobs.FindAsync(item.JobId, cancellationToken) is { Status: not JobState.Cancelled })
        {
            await jobs.KeepItemAsync(
                item.JobId,
                new JobItemRecord(item.Index, item.ImageId, failure is null ? JobState.Completed : JobState.Failed, failure),
                cancellationToken);
            logger.JobItemEnded(item.JobId, item.ImageId, failure?.Code ?? "OK", item.CorrelationId);
        }

        await worker.CleanUpAsync(item, cancellationToken);
    }

    [Function(nameof(EndJob))]
    public async Task EndJob([ActivityTrigger] JobInput job, CancellationToken cancellationToken)
    {
        var items = await jobs.ListItemsAsync(job.JobId, cancellationToken);
        var failed = items.Count(item => item.Failure is not null);
        var first = items.FirstOrDefault(item => item.Failure is not null)?.Failure;
        var ended = await jobs.ChangeAsync(
            job.JobId,
            record => record with
            {
                Status = failed == items.Count ? JobState.Failed : JobState.Completed,
                FinishedAt = time.GetUtcNow(),
                Succeeded = items.Count - failed,
                Failures = failed,
                Error = first is null ? null : first.Message is null ? first.Error : $"{first.Error}: {first.Message}",
            },
            cancellationToken);
        logger.JobEnded(job.JobId, ended?.Status ?? "", items.Count - failed, failed, job.CorrelationId);
    }

    /// <summary>
    /// Runs a step. What another attempt cannot mend comes back as a failure of the item; everything else is thrown and tried again.
    /// </summary>
    private async Task<StepResult> TryAsync(ItemInput item, string step, Func<Task> work, CancellationToken cancellationToken)
    {
        if (await jobs.FindAsync(item.JobId, cancellationToken) is not { Status: not JobState.Cancelled })
        {
            return new StepResult(new ItemFailure("CANCELLED", "任务已取消", null));
        }

        try
        {
            await work();
            return new StepResult();
        }
        catch (Exception exception) when (IsFinal(exception) && ErrorMiddleware.AsApiException(exception) is { } failure)
        {
            logger.JobStepRefused(item.JobId, item.ImageId, step, failure.Code, item.CorrelationId);
            return new StepResult(new ItemFailure(failure.Code, failure.Error, failure.Detail));
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            logger.JobStepFailed(exception, item.JobId, item.ImageId, step, item.CorrelationId);
            throw;
        }
    }

    private static bool IsFinal(Exception exception) => exception switch
    {
        ApiException or ImageFormatException => true,
        ModelException model => model.Fault is ModelFault.NotFound or ModelFault.Invalid,
        StorageException => false,
        _ => false,
    };
}
