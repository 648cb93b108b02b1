using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace TumorFunctions.Api.Segmentation;

/// <summary>
/// Segmentation as an orchestration: a job over its images, and for each image an orchestration of its own over the steps. Steps run at
/// least once: each leaves the same behind however often it runs, and hands on names of blobs, not pixels.
/// </summary>
public sealed partial class SegmentationJob(ItemWorker worker, JobStore jobs, TimeProvider time, ILogger<SegmentationJob> logger)
{
    private static TaskOptions OptionsOf(RetrySettings retry) => TaskOptions.FromRetryPolicy(new RetryPolicy(
        retry.MaxAttempts,
        TimeSpan.FromSeconds(retry.FirstSeconds),
        backoffCoefficient: 2,
        maxRetryInterval: TimeSpan.FromSeconds(Math.Max(retry.FirstSeconds, retry.MaxSeconds))));
}
