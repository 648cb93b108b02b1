using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;

namespace TumorFunctions.LocalWorker.Settings;

/// <summary>Settings in the text of a trigger's attribute.</summary>
internal static partial class BindingExpression
{
    /// <summary>Puts the setting's value for every <c>%NAME%</c>.</summary>
    /// <exception cref="InvalidOperationException">There is no such setting.</exception>
    public static string Resolve(string text, IConfiguration configuration) => Setting().Replace(text, match =>
        configuration[match.Groups[1].Value.Replace("__", ":", StringComparison.Ordinal)]
        ?? throw new InvalidOperationException($"'{text}' names the setting '{match.Groups[1].Value}', which is not set."));

    [GeneratedRegex("%([^%]+)%")]
    private static partial Regex Setting();
}
