using TumorFunctions.Api.Images;
using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Api.Dashboard;

/// <summary>Images that wait for a model or a clinician.</summary>
public sealed class ImageTodos(ImageStatistics statistics) : ITodoSource
{
    private const int UnvalidatedId = 1;
    private const int UnanalysedId = 2;

    public async Task<IReadOnlyList<TodoItem>> ListAsync(CancellationToken cancellationToken)
    {
        var totals = await statistics.TotalsAsync(cancellationToken);
        List<TodoItem> items = [];
        if (totals.Unvalidated > 0)
        {
            items.Add(new TodoItem(
                UnvalidatedId, $"审核 {totals.Unvalidated} 例分析结果", TodoStatus.Pending, TodoPriority.High, "unvalidated", totals.Unvalidated, "/api/medical/list"));
        }

        if (totals.Unanalysed > 0)
        {
            items.Add(new TodoItem(
                UnanalysedId, $"分析 {totals.Unanalysed} 例新影像", TodoStatus.Pending, TodoPriority.Medium, "unanalysed", totals.Unanalysed, "/api/medical/list"));
        }

        return items;
    }
}

/// <summary>Models in the registry whose card states no measured figures.</summary>
public sealed class ModelTodos(ModelRegistry registry) : ITodoSource
{
    private const int WithoutFiguresId = 3;

    public async Task<IReadOnlyList<TodoItem>> ListAsync(CancellationToken cancellationToken)
    {
        var models = await registry.ListAsync(cancellationToken);
        var without = models.Count(model => model.Problem is null && model.Card?.Metrics is null);
        return without == 0
            ? []
            : [new TodoItem(
                WithoutFiguresId, $"为 {without} 个模型补充评估指标", TodoStatus.Pending, TodoPriority.Medium, "model_without_figures", without, "/api/admin/models")];
    }
}
