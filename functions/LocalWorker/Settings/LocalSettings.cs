using Microsoft.Extensions.Configuration;

namespace TumorFunctions.LocalWorker.Settings;

/// <summary>The settings file of Azure Functions Core Tools.</summary>
internal static class LocalSettings
{
    private const string FileName = "local.settings.json";

    /// <summary>The file's Values as configuration keys (<c>__</c> parts a key, as in environment variables); null where the
    /// folder has no such file.</summary>
    /// <exception cref="InvalidDataException">The file is not JSON, or it is encrypted.</exception>
    public static IReadOnlyDictionary<string, string?>? Read(string directory)
    {
        var path = Path.Combine(directory, FileName);
        if (!File.Exists(path))
        {
            return null;
        }
        var file = new ConfigurationBuilder().AddJsonFile(path).Build();
        if (file.GetValue<bool>("IsEncrypted"))
        {
            throw new InvalidDataException($"{path} is encrypted: decrypt it with 'func settings decrypt'.");
        }
        return file.GetSection("Values").AsEnumerable(makePathsRelative: true)
            .Where(pair => pair.Value != null)
            .ToDictionary(pair => pair.Key.Replace("__", ":", StringComparison.Ordinal), pair => pair.Value);
    }
}
