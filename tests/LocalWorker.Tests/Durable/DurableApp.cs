using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using TumorFunctions.LocalWorker.Durable.Engine;

namespace TumorFunctions.LocalWorker.Tests.Durable;

/// <summary>An app with a data folder that outlives it, so that it can be stopped and started again.</summary>
internal sealed class DurableApp : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("worker-").FullName;
    private readonly Type[] _functions;
    private readonly Action<FunctionsApplicationBuilder>? _configure;
    private TestApp? _app;

    private DurableApp(Type[] functions, Action<FunctionsApplicationBuilder>? configure)
    {
        _functions = functions;
        _configure = configure;
    }

    public string Folder => _folder;

    public TestApp App => _app!;

    public DurableTaskClient Client => App.Services.GetRequiredService<LocalDurableTaskClient>();

    public static async Task<DurableApp> StartAsync<TFunctions>(Action<FunctionsApplicationBuilder>? configure = null)
    {
        DurableApp app = new([typeof(TFunctions)], configure);
        try
        {
            await app.StartAsync();
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
        return app;
    }

    public async Task StartAsync() => _app = await LaunchAsync();

    /// <summary>Another app on the same folder.</summary>
    public Task<TestApp> LaunchAsync()
    {
        var builder = TestApp.Builder(["--LocalWorker:DataFolder", _folder], _functions).ConfigureFunctionsWebApplication();
        _configure?.Invoke(builder);
        return TestApp.StartAsync(builder);
    }

    public async Task StopAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
        _app = null;
    }

    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>Starts an orchestration and waits for its end.</summary>
    public async Task<OrchestrationMetadata> RunAsync(string orchestrator, object? input = null) =>
        await EndAsync(await Client.ScheduleNewOrchestrationInstanceAsync(orchestrator, input));

    public Task<OrchestrationMetadata> EndAsync(string id) =>
        Client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true).WaitAsync(TimeSpan.FromMinutes(1));

    /// <summary>Waits until the custom status is the given text.</summary>
    public async Task ReachAsync(string id, string customStatus)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(1));
        while ((await Client.GetInstanceAsync(id, getInputsAndOutputs: true))?.ReadCustomStatusAs<string>() != customStatus)
        {
            await Task.Delay(5, patience.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_app != null)
        {
            await StopAsync();
        }
        Directory.Delete(_folder, recursive: true);
    }
}
