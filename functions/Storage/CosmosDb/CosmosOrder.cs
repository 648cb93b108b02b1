using System.Text.Json;

namespace TumorFunctions.Storage.CosmosDb;

/// <summary>
/// The service's order of values of mixed types: null, false, true, numbers, text, arrays, objects. Used for properties that the
/// container does not index, which the service refuses to order by.
/// </summary>
internal sealed class CosmosOrder : IComparer<JsonElement>
{
    public static CosmosOrder Instance { get; } = new();

    public int Compare(JsonElement x, JsonElement y)
    {
        var (left, right) = (Rank(x), Rank(y));
        if (left != right)
            return left.CompareTo(right);
        return x.ValueKind switch
        {
            JsonValueKind.Number => x.TryGetInt64(out var a) && y.TryGetInt64(out var b) ? a.CompareTo(b) : x.GetDouble().CompareTo(y.GetDouble()),
            JsonValueKind.String => string.CompareOrdinal(x.GetString(), y.GetString()),
            _ => 0,
        };
    }

    private static int Rank(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => 0,
        JsonValueKind.False => 1,
        JsonValueKind.True => 2,
        JsonValueKind.Number => 3,
        JsonValueKind.String => 4,
        JsonValueKind.Array => 5,
        _ => 6,
    };
}
