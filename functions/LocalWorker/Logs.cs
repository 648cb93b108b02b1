using Microsoft.Extensions.Logging;

namespace TumorFunctions.LocalWorker;

/// <summary>All that the worker says.</summary>
internal static partial class Logs
{
    private static readonly Func<ILogger, string, string, IDisposable?> InvocationScope =
        LoggerMessage.DefineScope<string, string>("{AzureFunctions_FunctionName} {AzureFunctions_InvocationId}");

    /// <summary>The scope that the real worker puts around an invocation's log entries.</summary>
    public static IDisposable? Invocation(ILogger logger, string function, string invocation) =>
        InvocationScope(logger, function, invocation);

    [LoggerMessage(1, LogLevel.Information, "Serving {Count} functions on {Addresses}")]
    public static partial void Serving(ILogger logger, int count, string addresses);

    [LoggerMessage(2, LogLevel.Debug, "{Function}: [{Methods}] /{Route}")]
    public static partial void RouteMapped(ILogger logger, string function, string methods, string route);

    [LoggerMessage(3, LogLevel.Error, "Function '{Function}', invocation {Invocation} failed")]
    public static partial void InvocationFailed(ILogger logger, string function, string invocation, Exception exception);

    [LoggerMessage(4, LogLevel.Debug, "Function '{Function}', invocation {Invocation} was cancelled")]
    public static partial void InvocationCancelled(ILogger logger, string function, string invocation);

    [LoggerMessage(5, LogLevel.Debug, "No HTTP response returned from function '{Function}', invocation {Invocation}")]
    public static partial void NoHttpResponse(ILogger logger, string function, string invocation);

    [LoggerMessage(10, LogLevel.Information, "{Count} orchestrations of the last run continue")]
    public static partial void OrchestrationsContinue(ILogger logger, int count);

    [LoggerMessage(11, LogLevel.Error, "Orchestration '{Orchestrator}', instance {Instance} failed: {Failure}\n{Trace}")]
    public static partial void OrchestrationFailed(ILogger logger, string orchestrator, string instance, string failure, string? trace);

    [LoggerMessage(12, LogLevel.Error, "Orchestration instance {Instance} waits: the app has no orchestrator '{Orchestrator}'")]
    public static partial void OrchestratorMissing(ILogger logger, string instance, string orchestrator);

    [LoggerMessage(13, LogLevel.Error, "Orchestration instance {Instance} could not be advanced, and is tried again")]
    public static partial void TurnFailed(ILogger logger, string instance, Exception exception);

    [LoggerMessage(14, LogLevel.Error, "The worker's database did not take a record, and is asked again")]
    public static partial void RecordingFailed(ILogger logger, Exception exception);

    [LoggerMessage(20, LogLevel.Debug, "Timer function '{Function}' runs next at {Next:o}")]
    public static partial void TimerScheduled(ILogger logger, string function, DateTimeOffset next);

    [LoggerMessage(21, LogLevel.Error, "The timer of function '{Function}' failed, and goes on")]
    public static partial void TimerFailed(ILogger logger, string function, Exception exception);

    [LoggerMessage(30, LogLevel.Error, "Scanning container '{Container}' for function '{Function}' failed, and is tried again")]
    public static partial void BlobScanFailed(ILogger logger, string container, string function, Exception exception);

    [LoggerMessage(31, LogLevel.Warning,
        "Function '{Function}' failed on blob '{Container}/{Blob}', attempt {Attempt} of {Attempts}; next at {Next:o}")]
    public static partial void BlobFailed(
        ILogger logger, string function, string container, string blob, int attempt, int attempts, DateTimeOffset next);

    [LoggerMessage(32, LogLevel.Error, "Function '{Function}' gives up on blob '{Container}/{Blob}', version {ETag}: {Error}")]
    public static partial void BlobPoisoned(
        ILogger logger, string function, string container, string blob, string eTag, string error);
}
