using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace TumorFunctions.Api.Backups;

public sealed partial class Restore
{
    [Function(nameof(RunRestore))]
    public static async Task RunRestore([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var input = context.GetInput<RestoreInput>()!;
        var retry = input.Retry.ToOptions();
        var verified = new VerifiedPart(0, 0, []);
        RestoreTotals? restored = null;
        string? error = null;
        try
        {
            var plan = await context.CallActivityAsync<VerificationPlan>(nameof(Verification.ReadPlan), input.BackupId, retry);
            verified = await Verification.VerifyAllAsync(context, input.BackupId, plan, input.Parallel, retry);
            if (verified.ProblemCount > 0)
            {
                error = "The backup is damaged: nothing was written.";
            }
            else
            {
                if (!input.DryRun && input.SettleSeconds > 0)
                {
                    await context.CreateTimer(TimeSpan.FromSeconds(input.SettleSeconds), CancellationToken.None);
                }

                (restored, var problems) = await WriteAllAsync(context, input, plan, retry);
                verified = verified with { ProblemCount = problems.Count, Problems = problems };
            }
        }
        catch (TaskFailedException exception)
        {
            error = exception.FailureDetails.ErrorMessage;
        }

        await context.CallActivityAsync(
            nameof(EndRestore),
            new EndedRestore(input.BackupId, context.InstanceId, input.DryRun, verified, restored, error),
            retry);
    }

    private static async Task<(RestoreTotals Totals, IReadOnlyList<BackupProblem> Problems)> WriteAllAsync(
        TaskOrchestrationContext context, RestoreInput input, VerificationPlan plan, TaskOptions retry)
    {
        // Noted before the first write: after a kill the half restored deployment is not empty any more.
        var takeAll = await context.CallActivityAsync<bool>(nameof(IsTargetEmpty), input.BackupId, retry) || input.Overwrite;

        // Documents first: a blob that no record names would be swept away.
        var totals = new RestoreTotals(0, 0, 0);
        List<BackupProblem> problems = [];
        await WriteAsync(PartKind.Documents, nameof(RestoreDocuments), "恢复文档", input.Parallel);
        await WriteAsync(PartKind.Blobs, nameof(RestoreBlobs), "恢复影像文件", input.Parallel);

        // Each is tried out in a process of its own, which takes its time and memory.
        await WriteAsync(PartKind.Model, nameof(RestoreModel), "恢复模型", 1);
        if (!input.DryRun)
        {
            context.SetCustomStatus(new BackupProgress("重新统计", plan.Items, plan.Items));
            problems.AddRange(await context.CallActivityAsync<IReadOnlyList<BackupProblem>>(
                nameof(RefreshAfterRestore), input.BackupId, retry));
        }

        return (totals, problems);

        async Task WriteAsync(PartKind kind, string activity, string step, int parallel)
        {
            foreach (var batch in plan.Parts(input.BackupId, kind).Chunk(parallel))
            {
                context.SetCustomStatus(new BackupProgress(step, totals.Written + totals.Same + totals.KeptNewer, plan.Items));
                foreach (var part in await Task.WhenAll(batch.Select(part => context.CallActivityAsync<RestoredPart>(
                    activity, new RestorePartInput(part, takeAll, input.DryRun), retry))))
                {
                    totals += part.Totals;
                    if (part.Problem is { } problem)
                    {
                        problems.Add(problem);
                    }
                }
            }
        }
    }
}
