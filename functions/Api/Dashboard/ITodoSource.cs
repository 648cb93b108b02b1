using System.Text.Json.Serialization;

namespace TumorFunctions.Api.Dashboard;

/// <summary>Work that the system itself sees, for the dashboard's list.</summary>
public interface ITodoSource
{
    /// <summary>What there is to do now; each source has ids of its own below <see cref="TodoStore.FirstUserId"/> that stay the same.</summary>
    Task<IReadOnlyList<TodoItem>> ListAsync(CancellationToken cancellationToken);
}

/// <param name="Status">pending, in_progress or completed.</param>
/// <param name="Priority">high, medium or low.</param>
/// <param name="Kind">user, or what the system saw: unvalidated, unanalysed, model_without_figures, failed_jobs …</param>
/// <param name="Count">How many cases the item stands for; null for tasks of users.</param>
/// <param name="Link">Where the cases are listed; null for tasks of users.</param>
public sealed record TodoItem(
    int Id,
    string Title,
    string Status,
    string Priority,
    string Kind,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long? Count = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Link = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? DueDate = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? CreatedBy = null);
