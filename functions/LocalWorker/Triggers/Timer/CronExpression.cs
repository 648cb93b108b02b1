namespace TumorFunctions.LocalWorker.Triggers.Timer;

/// <summary>
/// A NCRONTAB schedule: second (optional), minute, hour, day, month, day of week (0 is Sunday), all of which must match. Each is
/// <c>*</c>, a number, a range <c>a-b</c>, one of these with a step <c>/n</c>, or a list of them; months and days have names.
/// </summary>
internal sealed class CronExpression
{
    // A leap day on a given day of the week comes within 40 years, past a century that has none.
    private const int MaxYears = 41;

    private static readonly string[] Months =
    [
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ];

    private static readonly string[] Days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

    private readonly CronField _seconds;
    private readonly CronField _minutes;
    private readonly CronField _hours;
    private readonly CronField _days;
    private readonly CronField _months;
    private readonly CronField _weekdays;

    private CronExpression(string[] fields)
    {
        _seconds = CronField.Parse(fields[0], "second", 0, 59, []);
        _minutes = CronField.Parse(fields[1], "minute", 0, 59, []);
        _hours = CronField.Parse(fields[2], "hour", 0, 23, []);
        _days = CronField.Parse(fields[3], "day", 1, 31, []);
        _months = CronField.Parse(fields[4], "month", 1, 12, Months);
        _weekdays = CronField.Parse(fields[5], "day of week", 0, 6, Days);
    }

    /// <exception cref="FormatException">The text is no such schedule, or names a day that never comes; the message says where.</exception>
    public static CronExpression Parse(string text)
    {
        var fields = text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length is not (5 or 6))
        {
            throw new FormatException($"The schedule '{text}' has {fields.Length} fields; it needs six: " +
                "second, minute, hour, day, month, day of week (or five, without the second).");
        }
        CronExpression expression;
        try
        {
            expression = new CronExpression(fields.Length == 5 ? ["0", .. fields] : fields);
        }
        catch (FormatException exception)
        {
            throw new FormatException($"The schedule '{text}' is not NCRONTAB: {exception.Message}", exception);
        }
        return expression.Next(new DateTime(2000, 1, 1)) is null
            ? throw new FormatException($"The schedule '{text}' names a day that never comes.")
            : expression;
    }

    /// <summary>The first time after <paramref name="after"/>, by the clock of <paramref name="zone"/>. A time that the clock leaves
    /// out comes when it has moved on; one that it shows twice comes once.</summary>
    public DateTimeOffset Next(DateTimeOffset after, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(after, zone).DateTime;
        while (true)
        {
            local = Next(local) ?? throw new InvalidOperationException("The schedule has no further time.");
            var shown = local;
            while (zone.IsInvalidTime(shown))
            {
                shown = shown.AddMinutes(1);
            }
            var offset = zone.IsAmbiguousTime(shown) ? zone.GetAmbiguousTimeOffsets(shown).Max() : zone.GetUtcOffset(shown);
            DateTimeOffset next = new(shown, offset);
            if (next > after)
            {
                return next;
            }
        }
    }

    /// <summary>Null where no time comes within the span in which every day does.</summary>
    private DateTime? Next(DateTime after)
    {
        var start = new DateTime(after.Year, after.Month, after.Day, after.Hour, after.Minute, after.Second).AddSeconds(1);
        for (var day = start.Date; day.Year <= after.Year + MaxYears; day = day.AddDays(1))
        {
            if (!_months.Contains(day.Month))
            {
                day = new DateTime(day.Year, day.Month, DateTime.DaysInMonth(day.Year, day.Month));
                continue;
            }
            if (_days.Contains(day.Day) && _weekdays.Contains((int)day.DayOfWeek)
                && NextTime(day == start.Date ? start.TimeOfDay : TimeSpan.Zero) is { } time)
            {
                return day + time;
            }
        }
        return null;
    }

    private TimeSpan? NextTime(TimeSpan from)
    {
        for (var hour = _hours.NextFrom(from.Hours); hour >= 0; hour = _hours.NextFrom(hour + 1))
        {
            var sameHour = hour == from.Hours;
            for (var minute = _minutes.NextFrom(sameHour ? from.Minutes : 0); minute >= 0; minute = _minutes.NextFrom(minute + 1))
            {
                var second = _seconds.NextFrom(sameHour && minute == from.Minutes ? from.Seconds : 0);
                if (second >= 0)
                {
                    return new TimeSpan(hour, minute, second);
                }
            }
        }
        return null;
    }
}
