using System.Collections.Concurrent;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace TumorFunctions.LocalWorker.Tests;

/// <summary>The given function classes, served by Kestrel on a free port.</summary>
internal sealed class TestApp : IAsyncDisposable
{
    private readonly IHost _host;

    private TestApp(IHost host, CapturedLog log)
    {
        _host = host;
        Log = log;
        var addresses = host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        Client = new HttpClient { BaseAddress = new Uri(addresses.Single()), Timeout = TimeSpan.FromMinutes(1) };
    }

    public HttpClient Client { get; }

    public CapturedLog Log { get; }

    public IServiceProvider Services => _host.Services;

    public static FunctionsApplicationBuilder Builder(string[] args, params Type[] functions)
    {
        var builder = new FunctionsApplicationBuilder(["--urls", "http://127.0.0.1:0", .. args], functions);
        builder.Logging.ClearProviders();
        return builder;
    }

    public static Task<TestApp> StartAsync<TFunctions>(Action<FunctionsApplicationBuilder>? configure = null)
    {
        var builder = Builder([], typeof(TFunctions)).ConfigureFunctionsWebApplication();
        configure?.Invoke(builder);
        return StartAsync(builder);
    }

    public static async Task<TestApp> StartAsync(FunctionsApplicationBuilder builder)
    {
        var log = new CapturedLog();
        builder.Logging.AddProvider(log);
        var host = builder.Build();
        await host.StartAsync();
        return new TestApp(host, log);
    }

    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }
}

/// <summary>Keeps every log entry, with its exception's message.</summary>
internal sealed class CapturedLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _entries = new();

    public IEnumerable<string> Entries => _entries;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _entries.Enqueue($"{logLevel}: {formatter(state, exception)} {exception?.Message}");

    public void Dispose()
    {
    }
}

/// <summary>What a test and a function tell each other while the function runs.</summary>
public sealed class Signals
{
    public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Continue { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Cancelled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>A folder with one file in it, gone after the test.</summary>
internal sealed class TestFolder : IDisposable
{
    public TestFolder(string fileName, string text) => File.WriteAllText(System.IO.Path.Combine(Path, fileName), text);

    public string Path { get; } = Directory.CreateTempSubdirectory().FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
