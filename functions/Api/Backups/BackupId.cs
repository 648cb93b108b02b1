using System.Globalization;
using System.Text.RegularExpressions;

namespace TumorFunctions.Api.Backups;

/// <summary>Names of backups: <c>backup_2026-01-04T09:00:00</c>, the time of the start (UTC), and a number where that is taken.</summary>
public static partial class BackupId
{
    public static string Of(DateTimeOffset start, int number)
    {
        var id = start.UtcDateTime.ToString("'backup_'yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        return number <= 1 ? id : string.Create(CultureInfo.InvariantCulture, $"{id}_{number}");
    }

    public static bool IsValid(string id) => Form().IsMatch(id);

    /// <summary>The time that a valid id names.</summary>
    public static DateTimeOffset StartOf(string id) =>
        DateTimeOffset.TryParseExact(
            id.AsSpan("backup_".Length, "yyyy-MM-ddTHH:mm:ss".Length),
            "yyyy-MM-dd'T'HH:mm:ss",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var start)
            ? start
            : DateTimeOffset.MinValue;

    /// <summary>The id as a name that snapshots and orchestrations may have.</summary>
    public static string Plain(string id) => id.ToLowerInvariant().Replace(':', '-').Replace('_', '-');

    [GeneratedRegex(@"\Abackup_\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(_\d{1,6})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
