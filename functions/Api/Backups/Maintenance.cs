using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Backups;

/// <summary>Whether a restore runs, on this instance or another; what was read holds for a second.</summary>
public sealed class Maintenance(BackupStore store, TimeProvider time)
{
    private static readonly TimeSpan Holds = TimeSpan.FromSeconds(1);

    private State _state = new(false, DateTimeOffset.MinValue);

    public async ValueTask<bool> IsOnAsync(CancellationToken cancellationToken)
    {
        var known = Volatile.Read(ref _state);
        var now = time.GetUtcNow();
        if (now - known.ReadAt < Holds && now >= known.ReadAt)
        {
            return known.IsOn;
        }

        var held = await store.ReadLockAsync(cancellationToken);
        var isOn = held is { Value.Maintenance: true };
        Volatile.Write(ref _state, new State(isOn, now));
        return isOn;
    }

    private sealed record State(bool IsOn, DateTimeOffset ReadAt);
}

/// <summary>
/// While a restore runs, refuses HTTP requests but those that show how far it is, and lets blob triggers wait. Orchestrations go on,
/// since the restore is one; no other may be running when it starts.
/// </summary>
public sealed class MaintenanceMiddleware(Maintenance maintenance) : IFunctionsWorkerMiddleware
{
    private const string RetryAfterSeconds = "10";
    private const string BlobTrigger = "blobTrigger";
    private static readonly FrozenSet<string> Open = new[]
    {
        "Health", "Login", "ListBackups", "GetBackup", "StartBackup", "VerifyBackup", "RestoreBackup", "DeleteBackup", "ZUnknownRoute",
    }.ToFrozenSet();

    public async Task Invoke(FunctionContext context, FunctionExecutionDelegate next)
    {
        if (context.GetHttpContext() is { } http)
        {
            if (!Open.Contains(context.FunctionDefinition.Name) && await maintenance.IsOnAsync(http.RequestAborted))
            {
                http.Response.Headers.RetryAfter = RetryAfterSeconds;
                throw new MaintenanceException();
            }
        }
        else if (context.FunctionDefinition.InputBindings.Values.Any(
            binding => binding.Type.Equals(BlobTrigger, StringComparison.OrdinalIgnoreCase)))
        {
            while (await maintenance.IsOnAsync(context.CancellationToken))
            {
                await Task.Delay(TimeSpan.FromSeconds(1), context.CancellationToken);
            }
        }

        await next(context);
    }
}

/// <summary>503: a restore runs.</summary>
public sealed class MaintenanceException()
    : ApiException(StatusCodes.Status503ServiceUnavailable, "MAINTENANCE", "系统正在恢复备份，请稍后再试");
