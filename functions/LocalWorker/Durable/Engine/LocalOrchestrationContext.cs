using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;
using TumorFunctions.LocalWorker.Durable.Store;

namespace TumorFunctions.LocalWorker.Durable.Engine;

/// <summary>The context of one turn.</summary>
internal sealed class LocalOrchestrationContext(InstanceRow row, StepLedger ledger, EventMailbox mailbox,
    OrchestratorScheduler scheduler, DataConverter converter, ILoggerFactory loggers) : TaskOrchestrationContext
{
    public const string IllegalAwait =
        "An invalid asynchronous invocation was detected. This can be caused by awaiting non-durable tasks " +
        "in an orchestrator function's implementation or by middleware that invokes asynchronous code.";

    private const int MaxCustomStatusBytes = 16 * 1024;

    // The namespace of the real API's GUIDs, in network byte order.
    private static readonly byte[] GuidNamespace = Guid.Parse("9e952958-5e33-4daf-827f-2fa12937b875").ToByteArray(bigEndian: true);

    private int _guids;

    public override TaskName Name => row.Name;

    public override string InstanceId => row.Id;

    public override ParentOrchestrationInstance? Parent { get; } =
        row.Parent is null ? null : new ParentOrchestrationInstance(row.Parent.Name, row.Parent.Id);

    public override DateTime CurrentUtcDateTime => Now;

    public override bool IsReplaying => ledger.IsReplaying;

    public DateTime Now { get; set; }

    /// <summary>Null where the code has not set one.</summary>
    public CustomStatus? CustomStatus { get; private set; }

    /// <summary>Null where the code does not continue as new.</summary>
    public TurnEnd.Anew? Anew { get; private set; }

    protected override ILoggerFactory LoggerFactory => loggers;

    public override T GetInput<T>()
    {
        ThrowIfElsewhere();
        return converter.Deserialize<T>(row.Input)!;
    }

    public override Task<TResult> CallActivityAsync<TResult>(TaskName name, object? input = null, TaskOptions? options = null)
    {
        ThrowIfElsewhere();
        ThrowIfNameless(name);
        if (input is TaskOptions && options == null)
        {
            throw new ArgumentException(
                $"A {nameof(TaskOptions)} value was provided for the activity input but no value was provided for {nameof(options)}. " +
                $"Did you actually mean to provide a {nameof(TaskOptions)} value for the {nameof(options)} parameter?", nameof(input));
        }
        HistoryEvent step = new(HistoryKind.ActivityScheduled, 0, name, Data: converter.Serialize(input));
        return CallAsync<TResult>(step, options?.Retry);
    }

    public override Task<TResult> CallSubOrchestratorAsync<TResult>(
        TaskName orchestratorName, object? input = null, TaskOptions? options = null)
    {
        ThrowIfElsewhere();
        ThrowIfNameless(orchestratorName);
        var id = (options as SubOrchestrationOptions)?.InstanceId ?? NewGuid().ToString("N");
        HistoryEvent step = new(HistoryKind.SubOrchestrationCreated, 0, orchestratorName, id, converter.Serialize(input));
        return CallAsync<TResult>(step, options?.Retry);
    }

    public override async Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken)
    {
        ThrowIfElsewhere();
        cancellationToken.ThrowIfCancellationRequested();
        await ledger.Take(new HistoryEvent(HistoryKind.TimerCreated, 0, Due: fireAt.ToUniversalTime().Ticks), cancellationToken);
    }

    public override async Task<T> WaitForExternalEvent<T>(string eventName, CancellationToken cancellationToken = default)
    {
        ThrowIfElsewhere();
        return converter.Deserialize<T>(await mailbox.Wait(eventName, cancellationToken))!;
    }

    public override void SendEvent(string instanceId, string eventName, object payload)
    {
        ThrowIfElsewhere();
        _ = ledger.Take(new HistoryEvent(HistoryKind.EventSent, 0, eventName, instanceId, converter.Serialize(payload)));
    }

    public override void SetCustomStatus(object? customStatus)
    {
        ThrowIfElsewhere();
        var json = converter.Serialize(customStatus);
        if (json != null && Encoding.Unicode.GetByteCount(json) is var bytes and > MaxCustomStatusBytes)
        {
            throw new ArgumentException("The UTF-16 size of the JSON-serialized payload must not exceed 16 KB. " +
                $"The current payload is {(bytes + 1023) / 1024} KB.", nameof(customStatus));
        }
        CustomStatus = new CustomStatus(json);
    }

    public override void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true)
    {
        ThrowIfElsewhere();
        Anew = new TurnEnd.Anew(converter.Serialize(newInput), preserveUnprocessedEvents ? mailbox.Kept : []);
    }

    /// <summary>RFC 4122, version 5, of instance id, time and a counter, as the real API makes it.</summary>
    public override Guid NewGuid()
    {
        ThrowIfElsewhere();
        var name = string.Create(CultureInfo.InvariantCulture, $"{InstanceId}_{CurrentUtcDateTime:o}_{_guids++}");
#pragma warning disable CA5350 // The RFC's hash; nothing is kept secret by it.
        var hash = SHA1.HashData([.. GuidNamespace, .. Encoding.UTF8.GetBytes(name)]).AsSpan(0, 16);
#pragma warning restore CA5350
        hash[6] = (byte)((hash[6] & 0x0F) | 0x50);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash, bigEndian: true);
    }

    private async Task<T> CallAsync<T>(HistoryEvent step, TaskRetryOptions? retry)
    {
        var first = Now;
        for (var attempt = 1; ; attempt++)
        {
            TaskFailureDetails failure;
            try
            {
                return converter.Deserialize<T>(await ledger.Take(step))!;
            }
            catch (TaskFailedException failed) when (retry != null)
            {
                failure = failed.FailureDetails;
                if (retry.Policy is { } policy && !MayRetry(policy, attempt, failure, first))
                {
                    throw;
                }
                if (retry.Handler is { } handler
                    && !await handler(new RetryContext(this, attempt, failure, Now - first, CancellationToken.None)))
                {
                    throw;
                }
            }
            if (retry.Policy is { } waits)
            {
                await CreateTimer(Now + waits.DelayAfter(attempt), CancellationToken.None);
            }
        }
    }

    private bool MayRetry(RetryPolicy policy, int attempt, TaskFailureDetails failure, DateTime first) =>
        attempt < policy.MaxNumberOfAttempts
        && (policy.RetryTimeout == Timeout.InfiniteTimeSpan || Now < first + policy.RetryTimeout)
        && policy.Handles(failure);

    private static void ThrowIfNameless(TaskName name)
    {
        if (string.IsNullOrEmpty(name.Name))
        {
            throw new ArgumentException("The task has no name.", nameof(name));
        }
    }

    private void ThrowIfElsewhere()
    {
        if (!scheduler.IsOwnThread)
        {
            scheduler.Intrude();
            throw new InvalidOperationException(IllegalAwait);
        }
    }
}
