using System.Diagnostics;
using System.Reflection;
using System.Text.Json.Nodes;

namespace TumorFunctions.Infra.Tests;

/// <summary>All templates, compiled once for all tests.</summary>
public sealed class Templates : IDisposable
{
    public const string Collection = "templates";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Lazy<(string Messages, int ExitCode)> _build;
    private readonly string _compiled = Directory.CreateTempSubdirectory("templates-").FullName;

    public Templates() => _build = new(() => Bicep("build", "--pattern", "infra/**/*.bicep", "--outdir", _compiled));

    public static string Source => Path.Combine(AppContext.BaseDirectory, "infra");

    /// <summary>What the compiler said; empty where it found nothing.</summary>
    public string Messages => _build.Value.Messages;

    public int ExitCode => _build.Value.ExitCode;

    /// <param name="name">Path under infra without its extension.</param>
    public JsonObject this[string name]
    {
        get
        {
            Assert.True(ExitCode == 0, Messages);
            return JsonNode.Parse(File.ReadAllText(Path.Combine(_compiled, name + ".json")))!.AsObject();
        }
    }

    public static IReadOnlyList<string> Names => [.. Directory.EnumerateFiles(Source, "*.bicep", SearchOption.AllDirectories)
        .Select(file => Path.ChangeExtension(Path.GetRelativePath(Source, file), null)).Order(StringComparer.Ordinal)];

    /// <summary>Resources of a template of its own, without those of the modules that it names; nested ones included.</summary>
    public IEnumerable<JsonObject> Resources(string name) => Of(this[name]);

    public IEnumerable<JsonObject> Resources(string name, string type) =>
        Resources(name).Where(resource => (string?)resource["type"] == type);

    /// <summary>Runs the compiler in the folder above infra.</summary>
    public static (string Messages, int ExitCode) Bicep(params string[] arguments)
    {
        var path = typeof(Templates).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "Bicep").Value!;
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & UnixFileMode.UserExecute) == 0)
            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.UserExecute);

        var start = new ProcessStartInfo(path, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill();
            throw new TimeoutException($"bicep {string.Join(' ', arguments)} took longer than {Patience}.");
        }

        _ = output.Result;
        return (errors.Result.Trim(), process.ExitCode);
    }

    public void Dispose() => Directory.Delete(_compiled, recursive: true);

    private static IEnumerable<JsonObject> Of(JsonObject template) => (template["resources"] switch
    {
        JsonObject named => named.Select(pair => pair.Value),
        JsonArray list => list,
        _ => [],
    }).Select(resource => resource!.AsObject()).Where(resource => (string?)resource["type"] != "Microsoft.Resources/deployments");
}

[CollectionDefinition(Templates.Collection)]
public sealed class SharedTemplates : ICollectionFixture<Templates>;
