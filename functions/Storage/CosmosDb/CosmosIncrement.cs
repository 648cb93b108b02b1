using System.Text.Json;
using Microsoft.Azure.Cosmos;

namespace TumorFunctions.Storage.CosmosDb;

/// <summary>Additions to fields of a document as a patch that the service carries out in one step, and only where all of them can be.</summary>
internal static class CosmosIncrement
{
    /// <summary>The service's bound of a patch.</summary>
    public const int MaxFields = 10;

    public static IReadOnlyList<PatchOperation> Operations(IReadOnlyDictionary<string, long> deltas) =>
        [.. deltas.Select(delta => PatchOperation.Increment($"/{CosmosItem.Body}/{delta.Key}", delta.Value))];

    /// <summary>Holds where every field is absent, or a whole number that stays inside a long.</summary>
    public static string Condition(IReadOnlyDictionary<string, long> deltas) =>
        "FROM c WHERE " + string.Join(" AND ", deltas.Select(delta =>
        {
            var field = CosmosQuery.Value(delta.Key);
            var low = delta.Value < 0 ? long.MinValue - delta.Value : long.MinValue;
            var high = delta.Value > 0 ? long.MaxValue - delta.Value : long.MaxValue;
            return $"(NOT IS_DEFINED({field}) OR (IS_INTEGER({field}) AND {field} >= {low} AND {field} <= {high}))";
        }));

    /// <exception cref="ArgumentException">No field is named, or more than a patch holds.</exception>
    /// <exception cref="StorageAddressException">A name is no property's.</exception>
    public static void Check(IReadOnlyDictionary<string, long> deltas)
    {
        if (deltas.Count is 0 or > MaxFields)
            throw new ArgumentException($"An increment names 1 to {MaxFields} fields, not {deltas.Count}.", nameof(deltas));
        foreach (var property in deltas.Keys)
            AddressRules.CheckProperty(property);
    }

    /// <summary>Throws where a field of the value cannot be added to; otherwise the condition failed on another's version.</summary>
    public static void ThrowIfImpossible(DocumentAddress address, JsonElement body, IReadOnlyDictionary<string, long> deltas)
    {
        foreach (var (name, delta) in deltas)
        {
            if (!body.TryGetProperty(name, out var current))
                continue;
            if (current.ValueKind != JsonValueKind.Number || !current.TryGetInt64(out var whole))
                throw new DocumentFieldException(address, name, "holds no whole number to add to.");
            if ((Int128)whole + delta is var sum && (sum > long.MaxValue || sum < long.MinValue))
                throw new DocumentFieldException(address, name, "would leave the range of a 64-bit whole number.");
        }
    }
}
