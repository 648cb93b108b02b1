using System.Security.Cryptography;
using System.Text;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;

namespace TumorFunctions.Api.Segmentation;

/// <param name="Key">The same for a request that is repeated; null: every request is a new one.</param>
/// <param name="Requested">What was asked for, to tell a repeated request from another one under the same key.</param>
public sealed record JobRequest(
    IReadOnlyList<ImageRecord> Images, string? WeightPath, double? Confidence, int StartedBy, string? Key, string Requested, string CorrelationId);

/// <summary>Records jobs and sets their orchestrations going, each once.</summary>
public sealed class JobStarter(JobStore jobs, SigningKey key, IOptions<JobOptions> options, TimeProvider time, ILogger<JobStarter> logger)
{
    /// <summary>The job of this request's key, or of a new one.</summary>
    public string IdOf(int startedBy, string? requestKey) => requestKey is null
        ? $"seg_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}"
        : $"seg_{Convert.ToHexStringLower(HMACSHA256.HashData(key.Bytes, Encoding.UTF8.GetBytes($"segmentation\n{startedBy}\n{requestKey}")))[..32]}";

    /// <summary>The job that was started under this id for the same request; null where there is none.</summary>
    /// <exception cref="StateConflictException">It was another request.</exception>
    public async Task<JobRecord?> FindRepeatedAsync(
        string jobId, string requested, DurableTaskClient client, CancellationToken cancellationToken)
    {
        if (await jobs.FindAsync(jobId, cancellationToken) is not { } job)
        {
            return null;
        }

        if (job.RequestHash != HashOf(requested))
        {
            throw new StateConflictException("IDEMPOTENCY_CONFLICT", "Idempotency-Key 已用于另一个请求", "请为不同的请求使用新的 Idempotency-Key");
        }

        await ScheduleAsync(job, client, cancellationToken);
        return job;
    }

    /// <summary>Records a job, then lets it run; repeated under the same key, the job of the first time comes back.</summary>
    /// <exception cref="StateConflictException">The key was used for another request.</exception>
    public async Task<JobRecord> StartAsync(JobRequest request, DurableTaskClient client, CancellationToken cancellationToken)
    {
        var job = new JobRecord
        {
            JobId = IdOf(request.StartedBy, request.Key),
            Status = JobState.Pending,
            ImageIds = [.. request.Images.Select(image => image.ImageId)],
            Work = [.. request.Images.Select(image => ItemWork.Planned(image.Depth))],
            WeightPath = request.WeightPath,
            Confidence = request.Confidence,
            StartedBy = request.StartedBy,
            RequestHash = HashOf(request.Requested),
            CorrelationId = request.CorrelationId,
            CreatedAt = time.GetUtcNow(),
        };
        if (!await jobs.TryAddAsync(job, cancellationToken))
        {
            return (await FindRepeatedAsync(job.JobId, request.Requested, client, cancellationToken))!;
        }

        // From here on the job is known: where the process ends before it is scheduled, the upkeep does it.
        await ScheduleAsync(job, client, cancellationToken);
        logger.JobStarted(job.JobId, job.ImageIds.Count, job.StartedBy, job.CorrelationId);
        return job;
    }

    /// <summary>Starts the orchestration of a job that has not ended, unless it was started.</summary>
    public async Task ScheduleAsync(JobRecord job, DurableTaskClient client, CancellationToken cancellationToken)
    {
        if (job.IsFinal || await client.GetInstanceAsync(job.JobId, cancellationToken) is not null)
        {
            return;
        }

        var input = new JobInput(
            job.JobId,
            job.ImageIds,
            job.Work,
            job.WeightPath,
            job.Confidence,
            job.CorrelationId,
            options.Value.ItemsInFlight,
            new RetrySettings(options.Value.MaxAttempts, options.Value.FirstRetrySeconds, options.Value.MaxRetrySeconds));
        try
        {
            await client.ScheduleNewOrchestrationInstanceAsync(
                nameof(SegmentationJob.RunSegmentation), input, new StartOrchestrationOptions(job.JobId), cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // Hosts refuse a second start each in their own way.
            if (await client.GetInstanceAsync(job.JobId, cancellationToken) is null)
            {
                throw;
            }
        }
    }

    private static string HashOf(string requested) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(requested)));
}
