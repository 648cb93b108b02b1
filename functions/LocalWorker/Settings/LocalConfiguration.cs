using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Hosting;

namespace TumorFunctions.LocalWorker.Settings;

/// <summary>
/// The real worker's configuration (appsettings.json, environment variables, the command line, later ones winning) with what
/// Azure Functions Core Tools add on a developer's machine: local.settings.json just below the environment variables, and the
/// environment Development where nothing names another.
/// </summary>
internal static class LocalConfiguration
{
    private static readonly Dictionary<string, string?> Defaults = new()
    {
        ["urls"] = "http://127.0.0.1:8000",
        ["Logging:LogLevel:Default"] = "Information",
        // The worker says itself where it listens, and an app logs its requests as it likes.
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
        ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Warning",
    };

    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var named = new ConfigurationBuilder()
            .AddEnvironmentVariables("DOTNET_")
            .AddEnvironmentVariables("ASPNETCORE_")
            .AddEnvironmentVariables("AZURE_FUNCTIONS_")
            .AddCommandLine(args)
            .Build()[HostDefaults.EnvironmentKey];
        var web = WebApplication.CreateBuilder(
            new WebApplicationOptions { Args = args, EnvironmentName = named ?? Environments.Development });

        IList<IConfigurationSource> sources = web.Configuration.Sources;
        sources.Insert(0, new MemoryConfigurationSource { InitialData = Defaults });
        sources.Insert(1, new EnvironmentVariablesConfigurationSource { Prefix = "AZURE_FUNCTIONS_" });
        var values = LocalSettings.Read(web.Environment.ContentRootPath)
            ?? LocalSettings.Read(ApplicationDirectory(web.Configuration));
        if (values != null)
        {
            var variables = sources.Last(s => s is EnvironmentVariablesConfigurationSource { Prefix: null or "" });
            sources.Insert(sources.IndexOf(variables), new MemoryConfigurationSource { InitialData = values });
        }
        return web;
    }

    /// <summary>Where host.json lies: beside the app, unless the variable that Azure sets names another folder.</summary>
    public static string ApplicationDirectory(IConfiguration configuration) =>
        configuration["FUNCTIONS_APPLICATION_DIRECTORY"] ?? AppContext.BaseDirectory;
}
