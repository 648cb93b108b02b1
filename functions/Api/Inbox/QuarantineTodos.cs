using TumorFunctions.Api.Dashboard;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Inbox;

/// <summary>Files that the inbox put aside.</summary>
public sealed class QuarantineTodos(InboxStore store) : ITodoSource
{
    private const int QuarantinedId = 5;

    public async Task<IReadOnlyList<TodoItem>> ListAsync(CancellationToken cancellationToken)
    {
        var (_, total) = await store.ListAsideAsync(new Page(1, 1), cancellationToken);
        return total == 0
            ? []
            : [new TodoItem(
                QuarantinedId, $"检查 {total} 个隔离文件", TodoStatus.Pending, TodoPriority.Medium, "quarantined_files", total, "/api/admin/quarantine")];
    }
}
