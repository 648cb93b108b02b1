using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Hosting;
using TumorFunctions.Storage;
using TumorFunctions.Storage.CosmosDb;

namespace TumorFunctions.Infra.Tests;

/// <summary>The templates beside the code that they are for.</summary>
[Collection(Templates.Collection)]
public sealed partial class SettingTests(Templates templates)
{
    /// <summary>Read by the Functions host and Azure's libraries.</summary>
    private static readonly string[] Platform =
    [
        "APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "APPLICATIONINSIGHTS_CONNECTION_STRING", "AZURE_CLIENT_ID",
        "AzureWebJobsStorage__accountName", "AzureWebJobsStorage__clientId", "AzureWebJobsStorage__credential",
    ];

    /// <summary>Set only where an inference app is deployed beside the API.</summary>
    private const string InferenceUrl = "Inference__Url";

    private static readonly Assembly ApiAssembly = typeof(StorageOptions).Assembly;

    [BicepFact]
    public void Every_setting_is_one_that_something_reads()
    {
        var read = ApiAssembly.GetTypes()
            .Where(type => type.GetField("Section", BindingFlags.Public | BindingFlags.Static) is { IsLiteral: true })
            .SelectMany(type => type.GetProperties().Where(property => property.CanWrite).Select(property =>
                $"{type.GetField("Section")!.GetRawConstantValue()}__{property.Name}"))
            .Concat(Platform).Append(InferenceUrl).ToHashSet(StringComparer.Ordinal);

        Assert.Contains("Auth__SigningKey", read);
        Assert.Empty(Settings().Keys.Except(read, StringComparer.Ordinal));
        Assert.Empty(Platform.Except(Settings().Keys, StringComparer.Ordinal));
    }

    [BicepFact]
    public void The_app_would_start_on_the_settings_and_on_none_less()
    {
        Assert.True(Validate(Settings()).Succeeded);
        foreach (var required in (string[])["Storage__BlobServiceUri", "Cosmos__Endpoint", "Auth__SigningKey", "Auth__AdminPassword"])
        {
            var without = Settings();
            Assert.True(without.Remove(required), required);
            Assert.True(Validate(without).Failed, required);
        }
    }

    [BicepFact]
    public void Secrets_are_references_into_the_vault()
    {
        var settings = Settings();
        Assert.Equal("'cosmos'", settings["Storage__Documents"]);
        Assert.Equal("'azure'", settings["Storage__Blobs"]);
        Assert.Contains("@Microsoft.KeyVault(SecretUri=", settings["Auth__SigningKey"], StringComparison.Ordinal);
        Assert.Contains("@Microsoft.KeyVault(SecretUri=", settings["Auth__AdminPassword"], StringComparison.Ordinal);
        Assert.DoesNotContain("Cosmos__Key", settings.Keys);
        Assert.DoesNotContain("AzureWebJobsStorage", settings.Keys);
        Assert.Equal("'managedidentity'", settings["AzureWebJobsStorage__credential"]);
    }

    [BicepFact]
    public void Settings_that_triggers_name_are_set() => Assert.Superset(
        ApiAssembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .SelectMany(method => method.GetParameters())
            .SelectMany(parameter => parameter.CustomAttributes)
            .SelectMany(attribute => attribute.ConstructorArguments)
            .Select(argument => argument.Value as string ?? "")
            .SelectMany(text => TriggerSettings().Matches(text).Select(match => match.Groups[1].Value))
            .ToHashSet(StringComparer.Ordinal),
        Settings().Keys.ToHashSet(StringComparer.Ordinal));

    [BicepFact]
    public void Document_containers_are_those_of_the_code()
    {
        var declared = ApiAssembly.GetTypes()
            .SelectMany(type => type.GetProperties(BindingFlags.Static | BindingFlags.Public))
            .Where(property => property.PropertyType == typeof(DocumentContainer))
            .Select(property => CosmosService.Properties((DocumentContainer)property.GetValue(null)!))
            .ToDictionary(container => container.Id, StringComparer.Ordinal);
        var deployed = JsonNode.Parse(File.ReadAllText(Path.Combine(Templates.Source, "containers.json")))!.AsArray()
            .ToDictionary(item => (string)item!["name"]!, item => item!["indexed"]!.AsArray().Select(name => (string)name!), StringComparer.Ordinal);

        Assert.NotEmpty(declared);
        Assert.Equal(declared.Keys.Order(StringComparer.Ordinal), deployed.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, indexed) in deployed)
        {
            Assert.Equal(
                declared[name].IndexingPolicy.IncludedPaths.Select(path => path.Path).Order(StringComparer.Ordinal),
                indexed.Select(property => $"/body/{property}/?").Order(StringComparer.Ordinal));
        }

        var container = Assert.Single(templates.Resources(
            "modules/cosmos", "Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers"))["properties"]!["resource"]!;
        Assert.Equal(declared["images"].PartitionKeyPath, (string)Assert.Single(container["partitionKey"]!["paths"]!.AsArray())!);
        Assert.Contains("/body/{0}/?", container["indexingPolicy"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("/*", (string)Assert.Single(container["indexingPolicy"]!["excludedPaths"]!.AsArray())!["path"]!);
    }

    private static ValidateOptionsResult Validate(Dictionary<string, string> settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(
            setting.Key.Replace("__", ":", StringComparison.Ordinal), (string?)ValueOf(setting)))).Build();
        return new StorageValidation(
            configuration,
            Options.Create(configuration.GetSection(CosmosOptions.Section).Get<CosmosOptions>() ?? new CosmosOptions()),
            Options.Create(configuration.GetSection(AuthOptions.Section).Get<AuthOptions>() ?? new AuthOptions()))
            .Validate(null, configuration.GetSection(StorageOptions.Section).Get<StorageOptions>()!);

        // Text stands for itself; what the deployment computes is a URL or a name.
        static string ValueOf(KeyValuePair<string, string> setting) =>
            setting.Value.StartsWith('\'') ? setting.Value.Trim('\'') : "https://deployed.example.org/";
    }

    private Dictionary<string, string> Settings() => Expressions.Settings((string)Assert.Single(
        templates.Resources("modules/api", "Microsoft.Web/sites/config"))["properties"]!);

    [GeneratedRegex("%([A-Za-z_]+)%")]
    private static partial Regex TriggerSettings();
}
