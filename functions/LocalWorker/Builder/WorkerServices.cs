using System.Text.Json;
using Microsoft.DurableTask;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using TumorFunctions.LocalWorker.Definition;
using TumorFunctions.LocalWorker.Durable.Engine;
using TumorFunctions.LocalWorker.Durable.Store;
using TumorFunctions.LocalWorker.Execution;
using TumorFunctions.LocalWorker.Triggers.Blob;
using TumorFunctions.LocalWorker.Triggers.Timer;

namespace TumorFunctions.LocalWorker.Builder;

/// <summary>The worker's own services.</summary>
internal static class WorkerServices
{
    /// <summary>What an app may add to or replace.</summary>
    public static void AddDefaults(IServiceCollection services)
    {
        // The real worker's serialiser.
        services.Configure<JsonSerializerOptions>(json => json.PropertyNameCaseInsensitive = true);
        services.AddHostedService<WorkerHost>();
    }

    public static void Add(IServiceCollection services, IReadOnlyList<LocalFunctionDefinition> functions)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(functions);
        services.AddSingleton<WorkerDatabase>();
        services.AddSingleton<HubStore>();
        services.AddSingleton<DataConverter, WorkerJsonConverter>();
        services.AddSingleton<DurableFunctions>();
        services.AddSingleton<OrchestratorRunner>();
        services.AddSingleton<ActivityRunner>();
        services.AddSingleton<DurableHub>();
        services.AddSingleton<LocalDurableTaskClient>();
        services.AddSingleton<TimerTriggerHost>();
        services.AddSingleton<BlobReceipts>();
        services.AddSingleton<IPoisonBlobs>(provider => provider.GetRequiredService<BlobReceipts>());
        services.AddSingleton<BlobTriggerHost>();
    }
}
