using System.Globalization;
using System.Text;

namespace TumorFunctions.Storage.Embedded;

/// <summary>A <see cref="DocumentQuery"/> as SQL; names are checked, values are parameters.</summary>
internal static class SqliteQuery
{
    public static (string Sql, object[] Values) Page(SqliteTable table, string partitionKey, DocumentQuery query)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(query.Offset);
        ArgumentOutOfRangeException.ThrowIfNegative(query.Limit);
        var (sql, values) = Where($"SELECT id, etag, body FROM {table.QuotedName}", partitionKey, query.Filters);
        if (query.OrderBy is { } property)
        {
            AddressRules.CheckProperty(property);
            var direction = query.Descending ? " DESC" : "";
            sql.Append(CultureInfo.InvariantCulture, $" AND {SqliteSchema.Rank(property)} IS NOT NULL ORDER BY ");
            sql.Append(CultureInfo.InvariantCulture, $"{SqliteSchema.Rank(property)}{direction}, {SqliteSchema.Value(property)}{direction}, id{direction}");
        }
        else
        {
            sql.Append(query.Descending ? " ORDER BY id DESC" : " ORDER BY id");
        }

        sql.Append(CultureInfo.InvariantCulture, $" LIMIT @p{values.Count} OFFSET @p{values.Count + 1}");
        values.Add(query.Limit);
        values.Add(query.Offset);
        return (sql.ToString(), [.. values]);
    }

    public static (string Sql, object[] Values) Count(SqliteTable table, string partitionKey, DocumentQuery query)
    {
        var (sql, values) = Where($"SELECT count(*) FROM {table.QuotedName}", partitionKey, query.Filters);
        return (sql.ToString(), [.. values]);
    }

    private static (StringBuilder Sql, List<object> Values) Where(
        string select, string partitionKey, IReadOnlyList<DocumentFilter> filters)
    {
        var sql = new StringBuilder(select).Append(" WHERE partition_key=@p0");
        List<object> values = [partitionKey];
        foreach (var filter in filters)
        {
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
                    Search(contains);
                    break;
                default:
                    throw new ArgumentException($"{filter.GetType().Name} is no filter that is known here.", nameof(filters));
            }
        }

        return (sql, values);

        // Values of different types never match, as in Cosmos DB.
        void Compare(string property, string sign, object value)
        {
            AddressRules.CheckProperty(property);
            var (rank, comparable) = value switch
            {
                bool flag => (1, (object)(flag ? 1 : 0)),
                string text => (3, text),
                double.NaN or float.NaN => throw new ArgumentException("A filter cannot compare with NaN."),
                int or long or double or float or short or byte => (2, value),
                _ => throw new ArgumentException($"A filter compares with text, numbers and booleans, not {value?.GetType().Name ?? "null"}."),
            };
            sql.Append(CultureInfo.InvariantCulture, $" AND {SqliteSchema.Rank(property)}={rank} AND {SqliteSchema.Value(property)}{sign}@p{values.Count}");
            values.Add(comparable);
        }

        void Search(DocumentFilter.Contains contains)
        {
            sql.Append(" AND (0");
            foreach (var property in contains.Properties)
            {
                AddressRules.CheckProperty(property);
                sql.Append(CultureInfo.InvariantCulture, $" OR ({SqliteSchema.Rank(property)}=3 AND instr(lower({SqliteSchema.Value(property)}), lower(@p{values.Count}))>0)");
            }

            sql.Append(')');
            values.Add(contains.Text);
        }
    }
}
