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
}
