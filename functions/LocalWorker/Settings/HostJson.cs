using Microsoft.Extensions.Configuration;

namespace TumorFunctions.LocalWorker.Settings;

/// <summary>What the worker heeds of host.json.</summary>
internal static class HostJson
{
    /// <summary>The first part of every HTTP route, "api" where host.json does not say otherwise.</summary>
    /// <exception cref="InvalidDataException">host.json is not JSON.</exception>
    public static string ReadRoutePrefix(string directory) => Read(directory)["extensions:http:routePrefix"] ?? "api";

    /// <summary>A bound on what runs side by side, from <c>extensions:<paramref name="path"/></c> of host.json or, as on Azure, from
    /// the setting that overrides it (<c>AzureFunctionsJobHost__extensions__…</c>).</summary>
    /// <exception cref="InvalidDataException">It is no number of at least 1.</exception>
    public static int ReadConcurrency(IConfiguration configuration, string path, int otherwise)
    {
        var text = configuration[$"AzureFunctionsJobHost:extensions:{path}"]
            ?? Read(LocalConfiguration.ApplicationDirectory(configuration))[$"extensions:{path}"];
        if (text is null)
        {
            return otherwise;
        }
        return int.TryParse(text, out var number) && number > 0
            ? number
            : throw new InvalidDataException($"host.json: extensions:{path} is '{text}'; it must be a whole number of at least 1.");
    }

    private static IConfigurationRoot Read(string directory) =>
        new ConfigurationBuilder().AddJsonFile(Path.Combine(directory, "host.json"), optional: true).Build();
}
