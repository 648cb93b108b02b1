using System.Globalization;
using System.Text;

namespace TumorFunctions.Core.Reports;

/// <summary>Makes text of any origin safe to print.</summary>
public static class ReportText
{
    /// <summary>
    /// The text without what is not to be seen or not allowed in XML 1.0: control characters, marks that turn the direction of reading,
    /// characters of no width, noncharacters; half surrogate pairs become U+FFFD, tabs a space, every kind of line end a line feed.
    /// </summary>
    public static string Clean(string text)
    {
        var clean = new StringBuilder(text.Length);
        var previous = default(Rune);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == '\n' && previous.Value == '\r')
            {
                previous = rune;
                continue;
            }

            previous = rune;
            switch (rune.Value)
            {
                case '\n' or '\r' or '\v' or '\f' or 0x85 or 0x2028 or 0x2029:
                    clean.Append('\n');
                    break;
                case '\t':
                    clean.Append(' ');
                    break;
                default:
                    if (IsShown(rune))
                    {
                        clean.Append(rune);
                    }

                    break;
            }
        }

        return clean.ToString();
    }

    /// <summary>The same on one line.</summary>
    public static string CleanLine(string text) => Clean(text).Replace('\n', ' ');

    private static bool IsShown(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format)
        && (rune.Value & 0xFFFE) != 0xFFFE
        && rune.Value is not (>= 0xFDD0 and <= 0xFDEF)
        && !IsVariationSelector(rune.Value);

    // They choose among glyphs of one character, of which the font has one.
    private static bool IsVariationSelector(int value) => value is (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF);
}
