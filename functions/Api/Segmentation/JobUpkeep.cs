using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Segmentation;

/// <summary>
/// Puts right what a process that ended at the wrong moment left: jobs that were recorded and never scheduled, jobs whose orchestration
/// broke, blobs and histories of jobs that have ended.
/// </summary>
public sealed class JobUpkeep(
    JobStore jobs, JobStarter starter, IBlobStore blobs, IOptions<JobOptions> options, TimeProvider time, ILogger<JobUpkeep> logger)
{
    public async Task RunAsync(DurableTaskClient client, CancellationToken cancellationToken)
    {
        var before = time.GetUtcNow() - TimeSpan.FromSeconds(options.Value.GraceSeconds);
        foreach (var status in new[] { JobState.Pending, JobState.Processing })
        {
            foreach (var job in await jobs.FindOldAsync(status, hasHistory: true, before, cancellationToken))
            {
                await ResumeAsync(job, client, cancellationToken);
            }
        }

        foreach (var status in JobState.All.Where(JobState.IsFinal))
        {
            foreach (var job in await jobs.FindOldAsync(status, hasHistory: true, before, cancellationToken))
            {
                await ForgetAsync(job, client, cancellationToken);
            }
        }

        await SweepAsync(before, cancellationToken);
    }

    /// <summary>Ends the orchestration of a job and those of its items; what has ended already stays as it is.</summary>
    public static async Task TerminateAsync(DurableTaskClient client, string jobId, CancellationToken cancellationToken)
    {
        var instance = await client.GetInstanceAsync(jobId, getInputsAndOutputs: true, cancellationToken);
        if (instance is null)
        {
            return;
        }

        var running = instance.SerializedCustomStatus is null ? [] : instance.ReadCustomStatusAs<JobStatus>()!.Running;
        foreach (var id in running.Select(index => FormattableString.Invariant($"{jobId}.{index}")).Prepend(jobId))
        {
            try
            {
                if (await client.GetInstanceAsync(id, cancellationToken) is { IsCompleted: false })
                {
                    await client.TerminateInstanceAsync(id, (object?)null, cancellationToken);
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                // Hosts refuse what ended between the question and the order, each in its own way.
                if (await client.GetInstanceAsync(id, cancellationToken) is { IsCompleted: false })
                {
                    throw;
                }
            }
        }
    }

    private async Task ResumeAsync(JobRecord job, DurableTaskClient client, CancellationToken cancellationToken)
    {
        var instance = await client.GetInstanceAsync(job.JobId, cancellationToken);
        if (instance is null)
        {
            logger.JobResumed(job.JobId, job.CorrelationId);
            await starter.ScheduleAsync(job, client, cancellationToken);
        }
        else if (instance.RuntimeStatus is OrchestrationRuntimeStatus.Failed or OrchestrationRuntimeStatus.Terminated)
        {
            logger.JobBroken(job.JobId, job.CorrelationId);
            await jobs.ChangeAsync(
                job.JobId,
                record => record with
                {
                    Status = JobState.Failed,
                    FinishedAt = time.GetUtcNow(),
                    Error = $"服务器内部错误: 请联系管理员并提供编号 {job.CorrelationId}",
                },
                cancellationToken);
        }
    }

    private async Task ForgetAsync(JobRecord job, DurableTaskClient client, CancellationToken cancellationToken)
    {
        // A cancelled job's orchestration may have outlived the process that cancelled it.
        await TerminateAsync(client, job.JobId, cancellationToken);
        for (var index = 0; index < job.ImageIds.Count; index++)
        {
            await client.PurgeInstanceAsync(FormattableString.Invariant($"{job.JobId}.{index}"), cancellationToken);
        }

        await client.PurgeInstanceAsync(job.JobId, cancellationToken);
        await jobs.ForgetHistoryAsync(job.JobId, cancellationToken);
    }

    private async Task SweepAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        Dictionary<string, bool> ended = [];
        await foreach (var blob in blobs.ListAsync(JobScratch.Container, cancellationToken: cancellationToken))
        {
            if (blob.LastModified >= before)
            {
                continue;
            }

            var jobId = blob.Address.Name.Split('/')[0];
            if (!ended.TryGetValue(jobId, out var isOver))
            {
                isOver = ended[jobId] = await jobs.FindAsync(jobId, cancellationToken) is not { IsFinal: false };
            }

            if (isOver)
            {
                await blobs.DeleteAsync(blob.Address, cancellationToken);
            }
        }
    }
}
