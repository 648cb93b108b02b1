using System.Runtime.CompilerServices;
using DurableTask.Core.Exceptions;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using TumorFunctions.LocalWorker.Durable.Store;

namespace TumorFunctions.LocalWorker.Durable.Engine;

/// <summary>The client of this process's hub. Where the real one's service refuses, this one throws the service's own exception.</summary>
internal sealed class LocalDurableTaskClient(HubStore store, DurableHub hub, DurableFunctions functions, DataConverter converter)
    : DurableTaskClient("LocalWorker")
{
    private const int MaxInstanceIdLength = 256;

    private HubStore Store { get; } = store;

    public override Task<string> ScheduleNewOrchestrationInstanceAsync(TaskName orchestratorName, object? input = null,
        StartOrchestrationOptions? options = null, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        ArgumentException.ThrowIfNullOrEmpty(orchestratorName.Name, nameof(orchestratorName));
        functions.RequireOrchestrator(orchestratorName);
        var id = options?.InstanceId ?? Guid.NewGuid().ToString("N");
        ThrowIfNoInstanceId(id);
        if (!Store.TryCreate(id, orchestratorName, converter.Serialize(input), options?.StartAt?.UtcTicks ?? 0))
        {
            throw new OrchestrationAlreadyExistsException($"An Orchestration instance with the ID {id} already exists.");
        }
        hub.Wake(id);
        return Task.FromResult(id);
    }

    public override Task RaiseEventAsync(
        string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        var row = Get(instanceId);
        if (!Store.TryRaise(instanceId, eventName, converter.Serialize(eventPayload)))
        {
            throw Refusal($"raise event {eventName} for", row);
        }
        hub.Wake(instanceId);
        return Task.CompletedTask;
    }

    public override Task<OrchestrationMetadata> WaitForInstanceStartAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        WaitAsync(instanceId, row => row.Status != OrchestrationRuntimeStatus.Pending, getInputsAndOutputs, cancellation);

    public override Task<OrchestrationMetadata> WaitForInstanceCompletionAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default) =>
        WaitAsync(instanceId, row => !row.IsLive, getInputsAndOutputs, cancellation);

    public override Task TerminateInstanceAsync(
        string instanceId, TerminateInstanceOptions? options = null, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        var row = Get(instanceId);
        var touched = Store.Terminate(instanceId, converter.Serialize(options?.Output), options?.Recursive ?? false);
        if (touched.Count == 0)
        {
            throw Refusal("terminate", row);
        }
        foreach (var id in touched)
        {
            hub.Wake(id);
        }
        return Task.CompletedTask;
    }

    public override Task SuspendInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        SetSuspendedAsync(instanceId, true, cancellation);

    public override Task ResumeInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        SetSuspendedAsync(instanceId, false, cancellation);

    public override Task<OrchestrationMetadata?> GetInstancesAsync(
        string instanceId, bool getInputsAndOutputs = false, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        return Task.FromResult(Store.Find(instanceId) is { } row ? Describe(row, getInputsAndOutputs) : null);
    }

    public override AsyncPageable<OrchestrationMetadata> GetAllInstancesAsync(OrchestrationQuery? filter = null) =>
        new Instances(this, filter ?? new OrchestrationQuery());

    public override Task<PurgeResult> PurgeInstanceAsync(
        string instanceId, PurgeInstanceOptions? options = null, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        return Task.FromResult(new PurgeResult(Store.Purge(instanceId, options?.Recursive ?? false)));
    }

    public override Task<PurgeResult> PurgeAllInstancesAsync(
        PurgeInstancesFilter filter, PurgeInstanceOptions? options = null, CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        ArgumentNullException.ThrowIfNull(filter);
        return Task.FromResult(new PurgeResult(Store.Purge(filter, options?.Recursive ?? false), isComplete: true));
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static void ThrowIfNoInstanceId(string id)
    {
        if (id.Length is 0 or > MaxInstanceIdLength || id[0] == '@' || id.Any(c => c is '/' or '\\' or '#' or '?' || char.IsControl(c)))
        {
            throw new ArgumentException("An orchestration instance id must have 1 to 256 characters, must not start with @ and " +
                "must not contain /, \\, #, ?, or control characters.", nameof(id));
        }
    }

    private static InvalidOperationException Refusal(string action, InstanceRow row) =>
        new($"Cannot {action} the orchestration instance {row.Id} because instance is in the {row.Status} state.");

    private Task SetSuspendedAsync(string instanceId, bool suspended, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var row = Get(instanceId);
        if (!Store.TrySetSuspended(instanceId, suspended) && !row.IsLive)
        {
            throw Refusal(suspended ? "suspend" : "resume", row);
        }
        hub.Wake(instanceId);
        return Task.CompletedTask;
    }

    private async Task<OrchestrationMetadata> WaitAsync(
        string id, Func<InstanceRow, bool> arrived, bool getInputsAndOutputs, CancellationToken cancellation)
    {
        while (true)
        {
            var change = hub.Watch.NextChange(id);
            var row = Get(id);
            if (arrived(row))
            {
                return Describe(row, getInputsAndOutputs);
            }
            await change.WaitAsync(cancellation);
        }
    }

    private InstanceRow Get(string instanceId)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        return Store.Find(instanceId)
            ?? throw new ArgumentException($"No instance with ID '{instanceId}' was found.", nameof(instanceId));
    }

    private OrchestrationMetadata Describe(InstanceRow row, bool getInputsAndOutputs) => new(row.Name, row.Id)
    {
        DataConverter = getInputsAndOutputs ? converter : null,
        RuntimeStatus = row.Status,
        CreatedAt = new DateTimeOffset(row.Created, TimeSpan.Zero),
        LastUpdatedAt = new DateTimeOffset(row.Updated, TimeSpan.Zero),
        SerializedInput = getInputsAndOutputs ? row.Input : null,
        SerializedOutput = getInputsAndOutputs ? row.Output : null,
        SerializedCustomStatus = getInputsAndOutputs ? row.CustomStatus : null,
        FailureDetails = getInputsAndOutputs && row.Failure != null
            ? System.Text.Json.JsonSerializer.Deserialize<TaskFailureDetails>(row.Failure)
            : null,
    };

    private sealed class Instances(LocalDurableTaskClient client, OrchestrationQuery query) : AsyncPageable<OrchestrationMetadata>
    {
        public override IAsyncEnumerable<Page<OrchestrationMetadata>> AsPages(
            string? continuationToken = default, int? pageSizeHint = default) => ReadAsync(continuationToken, pageSizeHint);

        private async IAsyncEnumerable<Page<OrchestrationMetadata>> ReadAsync(
            string? continuationToken, int? pageSizeHint, [EnumeratorCancellation] CancellationToken cancellation = default)
        {
            var after = continuationToken ?? query.ContinuationToken;
            var size = Math.Max(1, pageSizeHint ?? query.PageSize);
            do
            {
                cancellation.ThrowIfCancellationRequested();
                var rows = client.Store.List(query, after, size);
                after = rows.Count < size ? null : rows[^1].Id;
                yield return new Page<OrchestrationMetadata>(
                    [.. rows.Select(row => client.Describe(row, query.FetchInputsAndOutputs))], after);
                await Task.CompletedTask;
            }
            while (after != null);
        }
    }
}
