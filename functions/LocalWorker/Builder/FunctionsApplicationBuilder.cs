using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TumorFunctions.LocalWorker.Builder;
using TumorFunctions.LocalWorker.Definition;
using TumorFunctions.LocalWorker.Execution;
using TumorFunctions.LocalWorker.Settings;
using TumorFunctions.LocalWorker.Triggers.Http;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>
/// Builds a functions app that runs on Kestrel. The functions are those of the assembly that
/// <see cref="IHostEnvironment.ApplicationName"/> names, by default the entry assembly, and of the assemblies it uses.
/// </summary>
public class FunctionsApplicationBuilder : IHostApplicationBuilder, IFunctionsWorkerApplicationBuilder
{
    private readonly WebApplicationBuilder _web;
    private readonly IEnumerable<Type>? _functionClasses;
    private readonly List<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> _middleware = [];
    private bool _servesHttp;
    private bool _hasBuilt;

    /// <param name="functionClasses">Takes the place of the search through the app's assemblies.</param>
    internal FunctionsApplicationBuilder(string[] args, IEnumerable<Type>? functionClasses = null)
    {
        _functionClasses = functionClasses;
        _web = LocalConfiguration.CreateBuilder(args);
        _web.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        WorkerServices.AddDefaults(_web.Services);
        _web.Services.AddSingleton<FunctionExecutor>();
        _web.Services.AddSingleton<FunctionDispatcher>();
        _web.Services.AddSingleton(services => _middleware.AsEnumerable().Reverse().Aggregate(
            (FunctionExecutionDelegate)services.GetRequiredService<FunctionExecutor>().ExecuteAsync, (next, step) => step(next)));
    }

    public IDictionary<object, object> Properties => ((IHostApplicationBuilder)_web).Properties;

    public ConfigurationManager Configuration => _web.Configuration;

    IConfigurationManager IHostApplicationBuilder.Configuration => Configuration;

    public IHostEnvironment Environment => _web.Environment;

    public ILoggingBuilder Logging => _web.Logging;

    public IMetricsBuilder Metrics => _web.Metrics;

    public IServiceCollection Services => _web.Services;

    public IFunctionsWorkerApplicationBuilder Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware)
    {
        ThrowIfBuilt();
        _middleware.Add(middleware);
        return this;
    }

    public void ConfigureContainer<TContainerBuilder>(
        IServiceProviderFactory<TContainerBuilder> factory, Action<TContainerBuilder>? configure = null)
        where TContainerBuilder : notnull => ((IHostApplicationBuilder)_web).ConfigureContainer(factory, configure);

    /// <exception cref="InvalidOperationException">It was built before, or a function cannot be served; the message names
    /// the function.</exception>
    public IHost Build()
    {
        ThrowIfBuilt();
        var functions = FunctionCatalog.FunctionsOf(
            _functionClasses ?? FunctionCatalog.ClassesOf(Assembly.Load(new AssemblyName(Environment.ApplicationName))));
        foreach (var function in functions)
        {
            FunctionExecutor.ThrowIfNotAwaited(function);
        }
        if (!_servesHttp && functions.FirstOrDefault(f => f.Trigger is HttpTriggerAttribute) is { } unserved)
        {
            throw new InvalidOperationException(
                $"Function {unserved} has an HTTP trigger: call ConfigureFunctionsWebApplication() on the builder.");
        }
        _hasBuilt = true;
        WorkerServices.Add(Services, functions);
        var app = _web.Build();
        HttpTriggerHost.Map(app, functions, HostJson.ReadRoutePrefix(LocalConfiguration.ApplicationDirectory(Configuration)));
        return app;
    }

    internal void AddHttpTriggers()
    {
        if (_servesHttp)
        {
            return;
        }
        _servesHttp = true;
        Services.AddMvcCore();
        Services.AddCors();
        this.UseMiddleware<HttpResultMiddleware>();
    }

    private void ThrowIfBuilt()
    {
        if (_hasBuilt)
        {
            throw new InvalidOperationException("The application has already been built.");
        }
    }
}
