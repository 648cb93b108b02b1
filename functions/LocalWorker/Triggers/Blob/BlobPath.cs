using System.Text.RegularExpressions;

namespace TumorFunctions.LocalWorker.Triggers.Blob;

/// <summary>The path of a blob trigger: a container and, after the first slash, a pattern of names.</summary>
internal sealed partial class BlobPath
{
    private readonly Regex _pattern;

    /// <exception cref="FormatException">The path is none.</exception>
    public BlobPath(string path)
    {
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        Container = slash < 0 ? path : path[..slash];
        var pattern = slash < 0 ? "" : path[(slash + 1)..];
        if (!ContainerName().IsMatch(Container))
        {
            throw new FormatException($"the path '{path}' must begin with the name of a container (3 to 63 of a-z, 0-9 and '-').");
        }
        Prefix = pattern.Split('{')[0];
        // {name} is as long as it can be, slashes included.
        var parts = Placeholder().Split(pattern);
        if (parts.Where((_, i) => i % 2 == 0).Any(literal => literal.AsSpan().ContainsAny('{', '}')))
        {
            throw new FormatException($"the path '{path}' has a brace that is not part of a {{name}}.");
        }
        Names = [.. parts.Where((_, i) => i % 2 == 1)];
        if (Names.Distinct(StringComparer.OrdinalIgnoreCase).Count() < Names.Count)
        {
            throw new FormatException($"the path '{path}' has a name twice.");
        }
        _pattern = new Regex(
            pattern.Length == 0
                ? "^"
                : $"^{string.Concat(parts.Select((part, i) => i % 2 == 0 ? Regex.Escape(part) : $"(?<{part}>.+)"))}$",
            RegexOptions.CultureInvariant | RegexOptions.NonBacktracking | RegexOptions.Singleline);
    }

    public string Container { get; }

    /// <summary>What every name begins with.</summary>
    public string Prefix { get; }

    public IReadOnlyList<string> Names { get; }

    /// <summary>The values of the names in the path, or null where the blob is not meant.</summary>
    public Dictionary<string, object?>? Match(string blob)
    {
        var match = _pattern.Match(blob);
        return match.Success
            ? Names.ToDictionary(name => name, object? (name) => match.Groups[name].Value, StringComparer.OrdinalIgnoreCase)
            : null;
    }

    [GeneratedRegex(@"\{([A-Za-z_][A-Za-z0-9_]*)\}")]
    private static partial Regex Placeholder();

    [GeneratedRegex("^[a-z0-9-]{3,63}$")]
    private static partial Regex ContainerName();
}
