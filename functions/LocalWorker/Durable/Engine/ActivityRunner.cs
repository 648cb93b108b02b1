using System.Threading.Channels;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Data.Sqlite;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;
using TumorFunctions.LocalWorker.Definition;
using TumorFunctions.LocalWorker.Durable.Store;
using TumorFunctions.LocalWorker.Execution;

namespace TumorFunctions.LocalWorker.Durable.Engine;

/// <summary>A call that waits for its turn.</summary>
internal sealed record ActivityCall(string Instance, string Execution, HistoryEvent Step);

/// <summary>Runs activities side by side, up to a bound, and records what they return before anybody hears of it.</summary>
internal sealed class ActivityRunner(
    DurableFunctions functions, FunctionDispatcher dispatcher, HubStore store, DataConverter converter, ILogger<ActivityRunner> logger)
{
    private readonly Channel<ActivityCall> _calls = Channel.CreateUnbounded<ActivityCall>();

    public void Enqueue(ActivityCall call) => _calls.Writer.TryWrite(call);

    /// <param name="recorded">Called with the instance after a result was recorded.</param>
    public async Task RunAsync(Action<string> recorded, CancellationToken stopping)
    {
        await foreach (var call in _calls.Reader.ReadAllAsync(stopping))
        {
            // The rest of an ended orchestration is not worth its time.
            if (await AttemptAsync(() => store.IsLive(call.Instance, call.Execution), stopping)
                && await InvokeAsync(call, stopping) is { } news
                && await AttemptAsync(() => store.TryAppend(call.Instance, call.Execution, news), stopping))
            {
                recorded(call.Instance);
            }
        }
    }

    /// <summary>Null where the process stops: the call runs again at the next start.</summary>
    private async Task<HistoryEvent?> InvokeAsync(ActivityCall call, CancellationToken stopping)
    {
        HistoryEvent answer = new(HistoryKind.ActivityCompleted, call.Step.Task, call.Step.Name);
        try
        {
            var function = functions.GetActivity(call.Step.Name!);
            var result = await dispatcher.InvokeAsync(
                function, new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase) { ["instanceId"] = call.Instance },
                features => features.Set<ITriggerBinding>(new Binding(function, converter, call.Step.Data)), stopping);
            return answer with { Data = converter.Serialize(result) };
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception exception)
        {
            return answer with
            {
                Kind = HistoryKind.ActivityFailed,
                Data = System.Text.Json.JsonSerializer.Serialize(TaskFailureDetails.FromException(exception)),
            };
        }
    }

    /// <summary>A result is worth waiting for the disk.</summary>
    private async Task<bool> AttemptAsync(Func<bool> access, CancellationToken stopping)
    {
        while (true)
        {
            try
            {
                return access();
            }
            catch (SqliteException exception)
            {
                Logs.RecordingFailed(logger, exception);
                await Task.Delay(TimeSpan.FromSeconds(1), stopping);
            }
        }
    }

    private sealed class Binding(LocalFunctionDefinition function, DataConverter converter, string? input) : ITriggerBinding
    {
        public bool Binds(FunctionParameter parameter) => parameter.Name == function.TriggerParameter;

        public object? Bind(FunctionParameter parameter) => converter.Deserialize(input, parameter.Type);
    }
}
