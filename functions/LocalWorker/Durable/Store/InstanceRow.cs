using Microsoft.Data.Sqlite;
using Microsoft.DurableTask.Client;

namespace TumorFunctions.LocalWorker.Durable.Store;

/// <summary>An orchestration as it is recorded.</summary>
/// <param name="Execution">New with every start under the same id, continue-as-new included: late results of an older one are dropped.</param>
/// <param name="Processed">The code has seen history up to this seq.</param>
internal sealed record InstanceRow(
    string Id, string Execution, string Name, OrchestrationRuntimeStatus Status, long Created, long Updated, long StartAt,
    string? Input, string? Output, string? CustomStatus, string? Failure, ParentLink? Parent, long Processed)
{
    public const string Columns =
        "id, execution, name, status, created, updated, start_at, input, output, custom_status, failure, " +
        "parent, parent_execution, parent_name, parent_task, processed";

    /// <summary>The statuses of an orchestration that has not ended, for SQL.</summary>
    public const string Live = "status IN (0, 6, 7)";

    public bool IsLive => Status
        is OrchestrationRuntimeStatus.Running or OrchestrationRuntimeStatus.Pending or OrchestrationRuntimeStatus.Suspended;

    public static InstanceRow Read(SqliteDataReader row) => new(
        row.GetString(0), row.GetString(1), row.GetString(2), (OrchestrationRuntimeStatus)row.GetInt32(3),
        row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), Text(row, 7), Text(row, 8), Text(row, 9), Text(row, 10),
        row.IsDBNull(11) ? null : new ParentLink(row.GetString(11), row.GetString(12), row.GetString(13), row.GetInt32(14)),
        row.GetInt64(15));

    private static string? Text(SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}

/// <summary>Who waits for a sub-orchestration.</summary>
/// <param name="Task">The number of the parent's step.</param>
internal sealed record ParentLink(string Id, string Execution, string Name, int Task);
