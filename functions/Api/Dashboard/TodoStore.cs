using System.Globalization;
using TumorFunctions.Api.Http;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Dashboard;

/// <summary>Tasks that users add to the dashboard's list, in one partition.</summary>
public sealed class TodoStore(IDocumentStore documents)
{
    /// <summary>Ids below are the system's.</summary>
    public const int FirstUserId = 1001;

    private const string Container = "todos";
    private const string Partition = "todos";
    private const string NextField = "next";
    private const string Kind = "todo";
    private static readonly DocumentAddress IdCounter = new(Container, Partition, "counter");

    public static DocumentContainer Definition { get; } = new(Container, ["kind", "rank"]);

    public async Task<TodoRecord> AddAsync(Func<int, TodoRecord> create, CancellationToken cancellationToken)
    {
        var next = await documents.IncrementAsync(IdCounter, new Dictionary<string, long> { [NextField] = 1 }, cancellationToken);
        var todo = create(checked(FirstUserId - 1 + (int)next[NextField]));
        await documents.CreateAsync(AddressOf(todo.TodoId), todo, cancellationToken);
        return todo;
    }

    public async Task<TodoRecord?> FindAsync(int id, CancellationToken cancellationToken) =>
        (await documents.ReadAsync<TodoRecord>(AddressOf(id), cancellationToken))?.Value;

    public async Task<TodoRecord?> ChangeAsync(int id, Func<TodoRecord, TodoRecord> change, CancellationToken cancellationToken) =>
        (await documents.ChangeAsync(AddressOf(id), change, cancellationToken))?.Value;

    public Task<bool> DeleteAsync(int id, CancellationToken cancellationToken) =>
        documents.DeleteAsync(AddressOf(id), cancellationToken: cancellationToken);

    /// <summary>Open tasks before completed ones, urgent before others, then the older first.</summary>
    public async Task<IReadOnlyList<TodoRecord>> ListAsync(int limit, CancellationToken cancellationToken)
    {
        var rows = await documents.QueryAsync<TodoRecord>(
            Container,
            Partition,
            new DocumentQuery { Filters = [new DocumentFilter.Equal("kind", Kind)], OrderBy = "rank", Limit = limit },
            cancellationToken);
        return [.. rows.Select(row => row.Value)];
    }

    private static DocumentAddress AddressOf(int id) => new(Container, Partition, id.ToString(CultureInfo.InvariantCulture));
}

/// <summary>A task as stored.</summary>
public sealed record TodoRecord
{
    private const long IdsOfRank = 1L << 32;

    public string Kind { get; init; } = "todo";

    public required int TodoId { get; init; }

    public required string Title { get; init; }

    public required string Status { get; init; }

    public required string Priority { get; init; }

    public string? DueDate { get; init; }

    public required int CreatedBy { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Place in the list, stored so that the store can sort by it.</summary>
    public long Rank =>
        (((Status == TodoStatus.Completed ? 1 : 0) * TodoPriority.All.Count) + TodoPriority.All.IndexOf(Priority)) * IdsOfRank + TodoId;

    public TodoItem ToItem() => new(TodoId, Title, Status, Priority, "user", DueDate: DueDate, CreatedBy: CreatedBy);
}

public static class TodoStatus
{
    public const string Pending = "pending";
    public const string InProgress = "in_progress";
    public const string Completed = "completed";

    public static readonly List<string> All = [Pending, InProgress, Completed];
}

public static class TodoPriority
{
    public const string High = "high";
    public const string Medium = "medium";
    public const string Low = "low";

    /// <summary>Urgent first.</summary>
    public static readonly List<string> All = [High, Medium, Low];
}
