using TumorFunctions.Api.Dashboard;

namespace TumorFunctions.Api.Backups;

/// <summary>A backup that failed with none completed since, and one that verification found damaged.</summary>
public sealed class BackupTodos(BackupStore store) : ITodoSource
{
    private const int FailedId = 60;
    private const int DamagedId = 61;
    private const string Link = "/api/admin/backups";

    public async Task<IReadOnlyList<TodoItem>> ListAsync(CancellationToken cancellationToken)
    {
        var records = await store.ListAsync(cancellationToken);
        var failed = records.TakeWhile(record => record.Status != BackupRecord.Completed).Count(record => record.Status == BackupRecord.Failed);
        var damaged = records.Count(record => record is { Status: BackupRecord.Completed, Verification.ProblemCount: > 0 });
        List<TodoItem> items = [];
        if (failed > 0)
        {
            items.Add(new TodoItem(
                FailedId, $"检查 {failed} 次失败的备份", TodoStatus.Pending, TodoPriority.High, "failed_backups", failed, Link));
        }

        if (damaged > 0)
        {
            items.Add(new TodoItem(
                DamagedId, $"检查 {damaged} 个已损坏的备份", TodoStatus.Pending, TodoPriority.High, "damaged_backups", damaged, Link));
        }

        return items;
    }
}
