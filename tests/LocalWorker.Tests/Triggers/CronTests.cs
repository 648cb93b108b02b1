using TumorFunctions.LocalWorker.Triggers.Timer;

namespace TumorFunctions.LocalWorker.Tests.Triggers;

public sealed class CronTests
{
    [Theory]
    [InlineData("0 */5 * * * *", "2026-03-01T10:00:00", "2026-03-01T10:05:00")]
    [InlineData("0 */5 * * * *", "2026-03-01T10:04:59.9", "2026-03-01T10:05:00")]
    [InlineData("*/15 * * * * *", "2026-03-01T23:59:50", "2026-03-02T00:00:00")]
    [InlineData("0 0 3 * * *", "2026-03-01T03:00:00", "2026-03-02T03:00:00")]
    [InlineData("0 0 3 * * *", "2026-12-31T03:00:01", "2027-01-01T03:00:00")]
    [InlineData("0 30 9 * * 1-5", "2026-03-06T09:30:00", "2026-03-09T09:30:00")]
    [InlineData("0 30 9 * Jan Mon", "2026-01-31T00:00:00", "2027-01-04T09:30:00")]
    [InlineData("0 0 0 29 2 *", "2026-01-01T00:00:00", "2028-02-29T00:00:00")]
    [InlineData("0 0 0 29 2 Sat", "2026-01-01T00:00:00", "2048-02-29T00:00:00")]
    [InlineData("0 0 0 31 * *", "2026-03-31T00:00:00", "2026-05-31T00:00:00")]
    [InlineData("5,8,10 * * * * *", "2026-03-01T10:00:05", "2026-03-01T10:00:08")]
    [InlineData("0 5-10/2 * * * *", "2026-03-01T10:07:00", "2026-03-01T10:09:00")]
    [InlineData("0 20/25 * * * *", "2026-03-01T10:45:00", "2026-03-01T11:20:00")]
    [InlineData("0 0 5-7,20 * * 0", "2026-03-01T07:00:00", "2026-03-01T20:00:00")]
    [InlineData("30 6 * * *", "2026-03-01T06:30:00", "2026-03-02T06:30:00")]
    [InlineData("59 59 23 31 12 *", "2026-12-31T23:59:58", "2026-12-31T23:59:59")]
    [InlineData("0 0 0 * september-NOVEMBER sunday", "2026-01-01T00:00:00", "2026-09-06T00:00:00")]
    public void The_next_time_is_the_first_that_matches_every_field(string schedule, string after, string expected) =>
        Assert.Equal(Utc(expected), CronExpression.Parse(schedule).Next(Utc(after), TimeZoneInfo.Utc));

    [Theory]
    [InlineData("* * * * * *", 1)]
    [InlineData("*/7 3-40/4 1,5,22 */3 2-11 1-4", 2)]
    [InlineData("0 0/7 * 28-31 * Fri", 3)]
    [InlineData("58 59 23 31 */5 *", 4)]
    public void The_next_time_is_that_of_a_search_second_by_second(string schedule, int seed)
    {
        var cron = CronExpression.Parse(schedule);
        var fields = schedule.Split(' ');
        Random random = new(seed);
        for (var i = 0; i < 5; i++)
        {
            var after = new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero).AddSeconds(random.Next(4 * 365 * 86400));
            var found = cron.Next(after, TimeZoneInfo.Utc);
            var from = found.AddDays(-1) > after ? found.AddDays(-1) : after;
            for (var time = from.AddSeconds(1); time < found; time = time.AddSeconds(1))
            {
                Assert.False(Matches(time));
            }
            Assert.True(found > after && Matches(found));
        }

        bool Matches(DateTimeOffset time) =>
            In(fields[0], time.Second, 0, 59) && In(fields[1], time.Minute, 0, 59) && In(fields[2], time.Hour, 0, 23)
            && In(fields[3], time.Day, 1, 31) && In(fields[4], time.Month, 1, 12)
            && In(fields[5].Replace("Fri", "5", StringComparison.Ordinal), (int)time.DayOfWeek, 0, 6);

        bool In(string field, int value, int least, int max) => field.Split(',').Any(item =>
        {
            var parts = item.Split('/');
            var range = parts[0] == "*" ? [least, max] : parts[0].Split('-').Select(int.Parse).ToArray();
            var end = range.Length > 1 ? range[1] : parts.Length > 1 ? max : range[0];
            return value >= range[0] && value <= end && (value - range[0]) % (parts.Length > 1 ? int.Parse(parts[1]) : 1) == 0;
        });
    }

    [Theory]
    [InlineData("0 0 3 * *  * *", "7 fields")]
    [InlineData("0 0", "2 fields")]
    [InlineData("60 * * * * *", "'60' in the field 'second': it must be a number from 0 to 59.")]
    [InlineData("0 * 24 * * *", "'24' in the field 'hour'")]
    [InlineData("0 * * 0 * *", "'0' in the field 'day'")]
    [InlineData("0 * * * 13 *", "'13' in the field 'month'")]
    [InlineData("0 * * * * 7", "'7' in the field 'day of week'")]
    [InlineData("0 */0 * * * *", "'0' in the field 'minute'")]
    [InlineData("0 30-10 * * * *", "the range ends before it begins")]
    [InlineData("0 -1 * * * *", "'-1' in the field 'minute'")]
    [InlineData("0 1, * * * *", "'' in the field 'minute'")]
    [InlineData("0 * * * Foo *", "'Foo' in the field 'month'")]
    [InlineData("0 0 0 30 2 *", "names a day that never comes")]
    public void What_is_no_schedule_is_refused_by_the_field(string schedule, string reason)
    {
        var refusal = Assert.Throws<FormatException>(() => CronExpression.Parse(schedule));
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(schedule, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_clock_that_is_set_forward_and_back_runs_a_nightly_function_once()
    {
        // The rule of central Europe, made here: a bare machine has no time zones.
        var rule = TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(
            DateTime.MinValue.Date, DateTime.MaxValue.Date, TimeSpan.FromHours(1),
            TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 2, 0, 0), 3, 5, DayOfWeek.Sunday),
            TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 3, 0, 0), 10, 5, DayOfWeek.Sunday));
        var zone = TimeZoneInfo.CreateCustomTimeZone("CET", TimeSpan.FromHours(1), "CET", "CET", "CEST", [rule]);
        var cron = CronExpression.Parse("0 30 2 * * *");

        var spring = cron.Next(Utc("2026-03-28T12:00:00"), zone);
        Assert.Equal(Utc("2026-03-29T01:00:00"), spring);
        Assert.Equal(Utc("2026-03-30T00:30:00"), cron.Next(spring, zone));

        var autumn = cron.Next(Utc("2026-10-24T12:00:00"), zone);
        Assert.Equal(Utc("2026-10-25T00:30:00"), autumn);
        Assert.Equal(Utc("2026-10-26T01:30:00"), cron.Next(autumn, zone));
    }

    private static DateTimeOffset Utc(string text) =>
        new(DateTime.Parse(text, System.Globalization.CultureInfo.InvariantCulture), TimeSpan.Zero);
}
