using TumorFunctions.Api.Dashboard;

namespace TumorFunctions.Api.Segmentation;

/// <summary>Jobs of the last days that failed.</summary>
public sealed class JobTodos(JobStore jobs, TimeProvider time) : ITodoSource
{
    private const int FailedJobsId = 4;
    private const int Days = 7;

    public async Task<IReadOnlyList<TodoItem>> ListAsync(CancellationToken cancellationToken)
    {
        var failed = await jobs.CountFailedAsync(time.GetUtcNow().AddDays(-Days), cancellationToken);
        return failed == 0
            ? []
            : [new TodoItem(
                FailedJobsId, $"处理近 {Days} 天 {failed} 个失败的分割任务", TodoStatus.Pending, TodoPriority.High, "failed_jobs", failed, "/segmentation?status=failed")];
    }
}
