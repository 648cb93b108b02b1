using Microsoft.Extensions.Configuration;

namespace TumorFunctions.LocalWorker.Settings;

/// <summary>What the worker heeds of host.json.</summary>
internal static class HostJson
{
    /// <summary>The first part of every HTTP route, "api" where host.json does not say otherwise.</summary>
    /// <exception cref="InvalidDataException">host.json is not JSON.</exception>
    public static string ReadRoutePrefix(string directory) =>
        new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(directory, "host.json"), optional: true)
            .Build()["extensions:http:routePrefix"] ?? "api";
}
