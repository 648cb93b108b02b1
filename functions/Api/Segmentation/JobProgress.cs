using Microsoft.DurableTask.Client;

namespace TumorFunctions.Api.Segmentation;

/// <summary>How far a job is: work done over work planned, as its orchestrations tell it.</summary>
public sealed class JobProgress(TimeProvider time)
{
    /// <summary>Percent, never less than before and 100 only when all is done; and what is done at the moment.</summary>
    public async Task<(int Percent, string Step, int? EtaSeconds)> ReadAsync(
        JobRecord job, DurableTaskClient client, CancellationToken cancellationToken)
    {
        var status = await ReadAsync<JobStatus>(job.JobId, client, cancellationToken);
        if (status is null)
        {
            return (0, JobSteps.Waiting, null);
        }

        double done = status.Done;
        var step = status.Running.Count == 0 ? JobSteps.Save : null;
        foreach (var index in status.Running)
        {
            var run = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{job.JobId}.{index}");
            var instance = await client.GetInstanceAsync(run, getInputsAndOutputs: true, cancellationToken);
            if (instance is { IsCompleted: true })
            {
                done += job.Work[index];
            }
            else if (Of<ItemStatus>(instance) is { } item)
            {
                done += job.Work[index] * (double)item.Done / item.Planned;
                step ??= item.Step;
            }
        }

        var share = done / job.Work.Sum();
        return (Math.Min(99, (int)(100 * share)), step ?? JobSteps.Fetch, Eta(job, share));
    }

    private int? Eta(JobRecord job, double share) => share > 0 && job.StartedAt is { } started
        ? (int)Math.Ceiling((time.GetUtcNow() - started).TotalSeconds * (1 - share) / share)
        : null;

    private static async Task<T?> ReadAsync<T>(string id, DurableTaskClient client, CancellationToken cancellationToken)
        where T : class => Of<T>(await client.GetInstanceAsync(id, getInputsAndOutputs: true, cancellationToken));

    private static T? Of<T>(OrchestrationMetadata? instance)
        where T : class => instance?.SerializedCustomStatus is null ? null : instance.ReadCustomStatusAs<T>();
}
