using System.Globalization;
using System.Numerics;

namespace TumorFunctions.LocalWorker.Triggers.Timer;

/// <summary>One field of a NCRONTAB expression: a set of numbers.</summary>
internal sealed class CronField
{
    private readonly ulong _values;

    private CronField(ulong values)
    {
        _values = values;
    }

    public int First => BitOperations.TrailingZeroCount(_values);

    public bool Contains(int value) => (_values >> value & 1) != 0;

    /// <summary>The smallest number of the set that is not below <paramref name="value"/>; -1 where there is none.</summary>
    public int NextFrom(int value)
    {
        var rest = value > 63 ? 0 : _values >> value << value;
        return rest == 0 ? -1 : BitOperations.TrailingZeroCount(rest);
    }

    /// <param name="names">Names of the numbers from <paramref name="min"/> on, by their first three letters.</param>
    /// <exception cref="FormatException">The text is no such field.</exception>
    public static CronField Parse(string text, string field, int min, int max, IReadOnlyList<string> names)
    {
        ulong values = 0;
        foreach (var item in text.Split(','))
        {
            var slash = item.IndexOf('/', StringComparison.Ordinal);
            var range = slash < 0 ? item : item[..slash];
            var step = slash < 0 ? 1 : Number(item[(slash + 1)..], 1, max - min + 1);
            int from, to;
            if (range == "*")
            {
                (from, to) = (min, max);
            }
            else if (range.IndexOf('-', StringComparison.Ordinal) is var dash and > 0)
            {
                (from, to) = (Value(range[..dash]), Value(range[(dash + 1)..]));
                if (from > to)
                {
                    throw Refusal(item, "the range ends before it begins");
                }
            }
            else
            {
                from = Value(range);
                to = slash < 0 ? from : max;
            }
            for (var value = from; value <= to; value += step)
            {
                values |= 1UL << value;
            }
        }
        return new CronField(values);

        int Value(string value)
        {
            for (var i = 0; value.Length >= 3 && i < names.Count; i++)
            {
                if (names[i].StartsWith(value, StringComparison.OrdinalIgnoreCase))
                {
                    return min + i;
                }
            }
            return Number(value, min, max);
        }

        int Number(string value, int least, int most) =>
            int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
                ? number
                : throw Refusal(value, $"it must be a number from {least} to {most}");

        FormatException Refusal(string value, string reason) => new($"'{value}' in the field '{field}': {reason}.");
    }
}
