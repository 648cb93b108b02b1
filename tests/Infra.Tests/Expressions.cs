using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace TumorFunctions.Infra.Tests;

/// <summary>Reads what it must out of the expressions of a compiled template.</summary>
internal static partial class Expressions
{
    /// <summary>GUIDs of the roles that an expression may come to: those that it names through variables included.</summary>
    public static SortedSet<string> Roles(JsonObject template, string expression)
    {
        var roles = JsonNode.Parse(File.ReadAllText(Path.Combine(Templates.Source, "roles.json")))!.AsObject();
        var found = new SortedSet<string>(StringComparer.Ordinal);
        Collect(expression, []);
        return found;

        void Collect(string text, HashSet<string> seen)
        {
            foreach (var id in Guids().Matches(text).Select(match => match.Value))
                found.Add(id);
            foreach (var match in RoleNames().Matches(text).Cast<Match>())
                found.Add((string)roles[match.Groups[1].Value]!);
            foreach (var name in Variables().Matches(text).Select(match => match.Groups[1].Value).Where(name => name != "roles"))
            {
                if (seen.Add(name))
                    Collect(template["variables"]![name]!.ToJsonString().Replace("\\u0027", "'", StringComparison.Ordinal), seen);
            }
        }
    }

    /// <summary>Keys of the objects that an expression makes, and what each is made of.</summary>
    public static Dictionary<string, string> Settings(string expression) => SettingNames().Matches(expression)
        .ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value.Trim(), StringComparer.Ordinal);

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Guids();

    [GeneratedRegex(@"variables\('roles'\)\.(\w+)")]
    private static partial Regex RoleNames();

    [GeneratedRegex(@"variables\('([^']+)'\)")]
    private static partial Regex Variables();

    [GeneratedRegex(@"'([A-Za-z]+__[A-Za-z]+|AZURE_CLIENT_ID|APPLICATIONINSIGHTS_[A-Z_]+)', ((?:'[^']*'|[^',()]|\((?:[^()]|\([^()]*\))*\))+)")]
    private static partial Regex SettingNames();
}
