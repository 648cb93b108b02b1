using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TumorFunctions.LocalWorker.Context;
using TumorFunctions.LocalWorker.Definition;
using TumorFunctions.LocalWorker.Durable.Store;
using TumorFunctions.LocalWorker.Execution;

namespace TumorFunctions.LocalWorker.Durable.Engine;

/// <summary>Runs an orchestrator's code from the start over its history, as far as it goes.</summary>
internal sealed class OrchestratorRunner(
    FunctionExecutionDelegate pipeline, IServiceScopeFactory scopes, DataConverter converter, ILoggerFactory loggers)
{
    /// <param name="history">All of it, in order.</param>
    /// <param name="at">The time of what the code has not seen yet.</param>
    /// <param name="onLateIntrusion">Called where the code goes on by itself after the turn; the argument is the failure.</param>
    public async Task<TurnResult> RunAsync(LocalFunctionDefinition function, InstanceRow row, IReadOnlyList<HistoryEvent> history,
        long at, Action<TaskFailureDetails> onLateIntrusion)
    {
        await using LocalFunctionContext invocation = new(scopes, function, new Dictionary<string, object?>(), CancellationToken.None);
        // From here to the result there is no await: the turn belongs to one thread.
        StepLedger ledger = new([.. history.Where(line => line.IsStep)]);
        OrchestratorScheduler scheduler = new(() => onLateIntrusion(IllegalAwait(ledger)));
        EventMailbox mailbox = new();
        LocalOrchestrationContext context = new(row, ledger, mailbox, scheduler, converter, loggers);
        invocation.Features.Set<ITriggerBinding>(new Binding(function, context, converter, row.Input));
        var code = Replay(invocation, row, history, at, ledger, scheduler, mailbox, context);
        if (ledger.Divergence is null && !code.IsCompleted && !ledger.HasOpenSteps && !mailbox.HasWaiters)
        {
            scheduler.Intrude();
        }
        var intruded = scheduler.Close();
        if (ledger.Divergence != null || intruded)
        {
            return new TurnResult { End = Failed(ledger.Divergence is { } e ? TaskFailureDetails.FromException(e) : IllegalAwait(ledger)) };
        }
        return new TurnResult { Steps = ledger.New, CustomStatus = context.CustomStatus, End = EndOf(code, context) };
    }

    private Task<object?> Replay(LocalFunctionContext invocation, InstanceRow row, IReadOnlyList<HistoryEvent> history, long at,
        StepLedger ledger, OrchestratorScheduler scheduler, EventMailbox mailbox, LocalOrchestrationContext context)
    {
        Task<object?>? code = null;
        ledger.IsReplaying = row.Processed > 0;
        foreach (var line in history.Where(line => !line.IsStep))
        {
            var isNew = line.Seq > row.Processed;
            if (isNew && ledger.IsReplaying)
            {
                ledger.CheckReplayed();
                ledger.IsReplaying = false;
            }
            context.Now = new DateTime(isNew ? at : line.At, DateTimeKind.Utc);
            if (code is { IsCompleted: true } && line.Kind == HistoryKind.EventRaised)
            {
                // It came in the same moment as what ended the code: it is there for the code's next run.
                mailbox.Keep(line);
                continue;
            }
            if (ledger.Divergence != null || code is { IsCompleted: true })
            {
                continue;
            }
            Deliver(line);
            if (code is { IsCompleted: true } && ledger.IsReplaying)
            {
                ledger.Diverge($"the code ended after {ledger.LastStep}, where the history goes on.");
            }
        }
        return code!;

        void Deliver(HistoryEvent line)
        {
            switch (line.Kind)
            {
                case HistoryKind.Started:
                    code = scheduler.Start(() => InvokeAsync(invocation));
                    break;
                case HistoryKind.EventRaised:
                    mailbox.Raise(line);
                    break;
                default:
                    ledger.Resolve(line);
                    break;
            }
            scheduler.Drain();
        }
    }

    private async Task<object?> InvokeAsync(LocalFunctionContext invocation)
    {
        await pipeline(invocation);
        return invocation.Features.Get<InvocationOutcome>()!.Value;
    }

    private TurnEnd? EndOf(Task<object?> code, LocalOrchestrationContext context)
    {
        if (!code.IsCompleted)
        {
            return null;
        }
        if (code.IsFaulted)
        {
            return Failed(TaskFailureDetails.FromException(code.Exception.InnerException!));
        }
        if (code.IsCanceled)
        {
            return Failed(TaskFailureDetails.FromException(new TaskCanceledException()));
        }
        return context.Anew is { } anew
            ? anew
            : new TurnEnd.Finished(OrchestrationRuntimeStatus.Completed, converter.Serialize(code.Result), null);
    }

    private static TurnEnd.Finished Failed(TaskFailureDetails failure) => new(OrchestrationRuntimeStatus.Failed, null, failure);

    private static TaskFailureDetails IllegalAwait(StepLedger ledger) => TaskFailureDetails.FromException(
        new InvalidOperationException($"{LocalOrchestrationContext.IllegalAwait} It happened after {ledger.LastStep}."));

    private sealed class Binding(LocalFunctionDefinition function, LocalOrchestrationContext context, DataConverter converter, string? input)
        : ITriggerBinding
    {
        public object? Bind(FunctionParameter parameter) =>
            parameter.Name == function.TriggerParameter ? context : converter.Deserialize(input, parameter.Type);

        public bool Binds(FunctionParameter parameter) => true;
    }
}
