using System.Text.RegularExpressions;

namespace TumorFunctions.Infra.Tests;

[Collection(Templates.Collection)]
public sealed partial class AlertTests(Templates templates)
{
    [BicepFact]
    public void Every_alert_is_there_and_leads_to_people()
    {
        var variables = templates["modules/alerts"]["variables"]!.AsObject();
        var names = variables["common"]!.AsArray().Concat(variables["coldStart"]!.AsArray()).Select(rule => (string)rule!["name"]!);
        Assert.Equal(["failures", "gpu-cold-start", "job-age", "poison-blobs"], names.Order(StringComparer.Ordinal));

        var log = Assert.Single(templates.Resources("modules/alerts", "Microsoft.Insights/scheduledQueryRules"));
        Assert.True((bool)log["properties"]!["enabled"]!);
        Assert.NotNull(log["properties"]!["actions"]!["actionGroups"]);

        var metric = Assert.Single(templates.Resources("modules/alerts", "Microsoft.Insights/metricAlerts"))["properties"]!;
        Assert.Equal("429", (string)metric["criteria"]!["allOf"]![0]!["dimensions"]![0]!["values"]![0]!);
        Assert.Contains("actionGroupId", metric.ToJsonString(), StringComparison.Ordinal);
    }

    [BicepFact]
    public void Queries_look_for_what_the_api_logs()
    {
        var logged = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Logs.cs"));
        var queries = templates["modules/alerts"]["variables"]!["common"]!.AsArray().ToDictionary(
            rule => (string)rule!["name"]!, rule => (string)rule!["query"]!, StringComparer.Ordinal);

        string[] phrases = [.. Phrases().Matches(queries["job-age"] + queries["poison-blobs"]).Select(match => match.Groups[1].Value)
            .Where(phrase => phrase != "webjobs-blobtrigger-poison")];

        Assert.Equal(6, phrases.Length);
        Assert.All(phrases, phrase => Assert.Contains(phrase, logged, StringComparison.Ordinal));
    }

    [BicepFact]
    public void Hooks_use_what_the_template_puts_out()
    {
        var outputs = templates["main"]["outputs"]!.AsObject().Select(output => output.Key);
        var known = outputs.Concat(["AZURE_RESOURCE_GROUP", "INFERENCE"]).ToHashSet(StringComparer.Ordinal);
        var hooks = Directory.GetFiles(Path.Combine(Templates.Source, "hooks"), "*.sh");

        Assert.Equal(3, hooks.Length);
        foreach (var hook in hooks)
        {
            Assert.Contains($"infra/hooks/{Path.GetFileName(hook)}", File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "azure.yaml")), StringComparison.Ordinal);
            Assert.Empty(Variables().Matches(File.ReadAllText(hook)).Select(match => match.Groups[1].Value).Except(known, StringComparer.Ordinal));
        }
    }

    [BicepFact]
    public void Both_services_are_found_by_their_tags()
    {
        Assert.Contains("'api'", Tags("modules/api", "Microsoft.Web/sites"), StringComparison.Ordinal);
        Assert.Contains("'inference'", Tags("modules/inference", "Microsoft.App/containerApps"), StringComparison.Ordinal);
        Assert.Equal("functionapp", (string)Assert.Single(templates.Resources("modules/inference", "Microsoft.App/containerApps"))["kind"]!);

        string Tags(string name, string type)
        {
            var tags = (string)Assert.Single(templates.Resources(name, type))["tags"]!;
            Assert.Contains("azd-service-name", tags, StringComparison.Ordinal);
            return tags;
        }
    }

    [GeneratedRegex("(?:has|startswith) \"([^\"]+)\"")]
    private static partial Regex Phrases();

    [GeneratedRegex(@"\$\{?([A-Z][A-Z_]+)")]
    private static partial Regex Variables();
}
