using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace TumorFunctions.Api.Audit;

/// <summary>What a request tells the audit log beside what its address says.</summary>
public sealed class AuditTrail
{
    private const string Key = "TumorFunctions.Audit";
    private const int MaxLength = 200;

    private readonly List<AuditChange> _changes = [];

    /// <summary>Ids that the request made or named in its body; null where the address names them.</summary>
    public string? Target { get; private set; }

    public IReadOnlyList<AuditChange> Changes => _changes;

    public static AuditTrail Of(HttpRequest request) => Of(request.HttpContext);

    public static AuditTrail Of(HttpContext http)
    {
        if (http.Items[Key] is not AuditTrail trail)
        {
            http.Items[Key] = trail = new AuditTrail();
        }

        return trail;
    }

    /// <summary>Names what was changed and tells of the fields that differ.</summary>
    public void Note(int target, params (string Field, string? From, string? To)[] changes) =>
        Note(target.ToString(CultureInfo.InvariantCulture), changes);

    /// <inheritdoc cref="Note(int, ValueTuple{string, string?, string?}[])"/>
    public void Note(string target, params (string Field, string? From, string? To)[] changes)
    {
        Target = Cut(target);
        _changes.AddRange(changes
            .Where(change => change.From != change.To)
            .Select(change => new AuditChange(change.Field, Cut(change.From), Cut(change.To))));
    }

    private static string? Cut(string? text) => text is { Length: > MaxLength } ? string.Concat(text.AsSpan(0, MaxLength), "…") : text;
}
