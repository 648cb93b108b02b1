using System.Text.Json;

namespace TumorFunctions.Api.Backups;

/// <summary>
/// The documents that ids are handed out from: by the convention of the stores, an object whose only property is a whole number
/// <c>next</c>. A restore never lowers one, or an id would be handed out again.
/// </summary>
public static class IdCounter
{
    private const string Field = "next";

    /// <summary>The last id that was handed out; null where the document is no such counter.</summary>
    public static long? Of(JsonElement document) =>
        document.ValueKind == JsonValueKind.Object
        && document.GetPropertyCount() == 1
        && document.TryGetProperty(Field, out var next)
        && next.ValueKind == JsonValueKind.Number
        && next.TryGetInt64(out var number) ? number : null;
}
