using System.Globalization;
using System.Text;
using Microsoft.Azure.Cosmos;

namespace TumorFunctions.Storage.CosmosDb;

/// <summary>A <see cref="DocumentQuery"/> as a query inside one partition; names are checked, values are parameters.</summary>
internal static class CosmosQuery
{
    public const string Fields = "SELECT c.id, c._etag, c.body FROM c";

    /// <summary>One page. The order must be by an indexed property, or by none: then it is by id.</summary>
    public static QueryDefinition Page(DocumentQuery query)
    {
        var (sql, values) = Where(Fields, query);
        var direction = query.Descending ? " DESC" : "";
        sql.Append(CultureInfo.InvariantCulture, $" ORDER BY {(query.OrderBy is { } property ? Value(property) : "c.id")}{direction}");
        sql.Append(CultureInfo.InvariantCulture, $" OFFSET {query.Offset} LIMIT {query.Limit}");
        return Definition(sql, values);
    }

    /// <summary>All that passes the filters and has the ordering property, in no order.</summary>
    public static QueryDefinition All(DocumentQuery query)
    {
        var (sql, values) = Where(Fields, query);
        return Definition(sql, values);
    }

    public static QueryDefinition Count(DocumentQuery query)
    {
        var (sql, values) = Where("SELECT VALUE COUNT(1) FROM c", query with { OrderBy = null });
        return Definition(sql, values);
    }

    public static void Check(DocumentQuery query)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(query.Offset);
        ArgumentOutOfRangeException.ThrowIfNegative(query.Limit);
        Where(Fields, query);
    }

    /// <summary>A property of the value; names hold a-z, 0-9 and '_' alone, so they need no escape.</summary>
    public static string Value(string property)
    {
        AddressRules.CheckProperty(property);
        return $"c.body[\"{property}\"]";
    }

    private static (StringBuilder Sql, List<object> Values) Where(string select, DocumentQuery query)
    {
        var sql = new StringBuilder(select);
        List<object> values = [];
        foreach (var filter in query.Filters)
        {
            sql.Append(values.Count == 0 ? " WHERE " : " AND ");
            switch (filter)
            {
                case DocumentFilter.Equal equal:
                    Compare(equal.Property, "=", equal.Value);
                    break;
                case DocumentFilter.AtLeast atLeast:
                    Compare(atLeast.Property, ">=", atLeast.Value);
                    break;
                case DocumentFilter.LessThan lessThan:
                    Compare(lessThan.Property, "<", lessThan.Value);
                    break;
                case DocumentFilter.Contains contains:
                    var parts = contains.Properties.Select(property =>
                        $"(IS_STRING({Value(property)}) AND CONTAINS({Value(property)}, @p{values.Count}, true))");
                    sql.Append('(').AppendJoin(" OR ", parts.DefaultIfEmpty("false")).Append(')');
                    values.Add(contains.Text);
                    break;
                default:
                    throw new ArgumentException($"{filter.GetType().Name} is no filter that is known here.", nameof(query));
            }
        }

        if (query.OrderBy is { } orderBy)
            sql.Append(values.Count == 0 ? " WHERE " : " AND ").Append(CultureInfo.InvariantCulture, $"IS_DEFINED({Value(orderBy)})");
        return (sql, values);

        // The service compares within one type alone.
        void Compare(string property, string sign, object value)
        {
            if (value is double.NaN or float.NaN)
                throw new ArgumentException("A filter cannot compare with NaN.");
            if (value is not (bool or string or int or long or double or float or short or byte))
                throw new ArgumentException($"A filter compares with text, numbers and booleans, not {value?.GetType().Name ?? "null"}.");
            sql.Append(CultureInfo.InvariantCulture, $"{Value(property)} {sign} @p{values.Count}");
            values.Add(value);
        }
    }

    private static QueryDefinition Definition(StringBuilder sql, List<object> values)
    {
        var definition = new QueryDefinition(sql.ToString());
        for (var i = 0; i < values.Count; i++)
            definition.WithParameter($"@p{i}", values[i]);
        return definition;
    }
}
