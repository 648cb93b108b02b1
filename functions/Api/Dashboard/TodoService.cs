using Microsoft.AspNetCore.Http;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Dashboard;

/// <summary>The dashboard's list of work: what the system sees, then what users wrote down. All who see dashboards see all of it.</summary>
public sealed class TodoService(TodoStore store, IEnumerable<ITodoSource> sources, TimeProvider time)
{
    private const int MaxUserTodos = 200;

    private static readonly string[] Fields = ["title", "status", "priority", "due_date"];

    public async Task<IReadOnlyList<TodoItem>> ListAsync(CancellationToken cancellationToken)
    {
        var seen = await Task.WhenAll(sources.Select(source => source.ListAsync(cancellationToken)));
        var written = await store.ListAsync(MaxUserTodos, cancellationToken);
        return [.. seen.SelectMany(items => items).OrderBy(item => item.Id), .. written.Select(todo => todo.ToItem())];
    }

    public async Task<TodoAnswer> AddAsync(HttpRequest request, Caller caller)
    {
        var fields = await RequestFields.ReadJsonAsync(request, Fields);
        var title = fields.Text("title") ?? throw new ValidationException("缺少字段 title");
        var status = OneOf(fields, "status", TodoStatus.All) ?? TodoStatus.Pending;
        var priority = OneOf(fields, "priority", TodoPriority.All) ?? TodoPriority.Medium;
        var due = fields.Date("due_date");
        var todo = await store.AddAsync(
            id => new TodoRecord
            {
                TodoId = id,
                Title = title,
                Status = status,
                Priority = priority,
                DueDate = due,
                CreatedBy = caller.UserId,
                CreatedAt = time.GetUtcNow(),
            },
            request.HttpContext.RequestAborted);
        return new TodoAnswer("待办事项创建成功", todo.ToItem());
    }

    public async Task<TodoAnswer> UpdateAsync(int id, HttpRequest request, Caller caller)
    {
        var fields = await RequestFields.ReadJsonAsync(request, Fields);
        var title = fields.Text("title");
        if (fields.Has("title") && title is null)
        {
            throw new ValidationException("字段 title 不能为空");
        }

        var status = OneOf(fields, "status", TodoStatus.All);
        var priority = OneOf(fields, "priority", TodoPriority.All);
        var due = fields.Date("due_date");
        await RequireAsync(id, caller, request.HttpContext.RequestAborted);
        var todo = await store.ChangeAsync(
            id,
            current => current with
            {
                Title = title ?? current.Title,
                Status = status ?? current.Status,
                Priority = priority ?? current.Priority,
                DueDate = fields.Has("due_date") ? due : current.DueDate,
            },
            request.HttpContext.RequestAborted) ?? throw Missing();
        return new TodoAnswer("待办事项更新成功", todo.ToItem());
    }

    public async Task<MessageAnswer> DeleteAsync(int id, Caller caller, CancellationToken cancellationToken)
    {
        await RequireAsync(id, caller, cancellationToken);
        return await store.DeleteAsync(id, cancellationToken) ? new MessageAnswer("待办事项删除成功") : throw Missing();
    }

    private async Task RequireAsync(int id, Caller caller, CancellationToken cancellationToken)
    {
        if (id is > 0 and < TodoStore.FirstUserId)
        {
            throw new StateConflictException("SYSTEM_TODO", "系统生成的待办事项不能修改或删除", "完成对应的工作后它会自动消失");
        }

        var todo = await store.FindAsync(id, cancellationToken) ?? throw Missing();
        if (todo.CreatedBy != caller.UserId && caller.Role != Access.Admin)
        {
            throw new ForbiddenException("只能修改自己创建的待办事项");
        }
    }

    private static string? OneOf(RequestFields fields, string name, List<string> allowed) => fields.Text(name) switch
    {
        null => null,
        var text when allowed.Contains(text) => text,
        _ => throw new ValidationException($"字段 {name} 必须是 {string.Join("、", allowed)} 之一"),
    };

    private static NotFoundException Missing() => new("待办事项不存在");
}

public sealed record TodoAnswer(string Message, TodoItem Todo);
