using System.Globalization;
using System.Text;

namespace TumorFunctions.Core.Reports;

/// <summary>
/// Breaks text into lines the Chinese way (GB/T 15834, CLREQ): between any two characters of Chinese, but no closing mark begins a line and
/// no opening mark ends one; Latin words and numbers stay whole where they fit. Spaces may hang over the end of a line.
/// </summary>
public static class LineBreaker
{
    // May not begin a line.
    private const string Closing = "，。、；：？！）】》〉」』”’〕］｝…—～·％‰℃,.;:?!)]}>%°²³";

    // May not end a line.
    private const string Opening = "（【《〈「『“‘〔［｛([{<￥¥$";

    /// <summary>
    /// The lines of a text, which hold every character of it but the line feeds. A line is at most as wide as the column unless one
    /// character alone is wider; spaces at its end do not count.
    /// </summary>
    /// <param name="widthOf">Of a part of a line, in the unit of <paramref name="column"/>.</param>
    public static IReadOnlyList<string> Break(string text, double column, Func<ReadOnlySpan<char>, double> widthOf)
    {
        List<string> lines = [];
        foreach (var paragraph in text.Split('\n'))
        {
            var rest = paragraph.AsSpan();
            do
            {
                var end = EndOfLine(rest, column, widthOf);
                lines.Add(rest[..end].ToString());
                rest = rest[end..];
            }
            while (rest.Length > 0);
        }

        return lines;
    }

    private static int EndOfLine(ReadOnlySpan<char> text, double column, Func<ReadOnlySpan<char>, double> widthOf)
    {
        double width = 0;
        var (at, chance) = (0, 0);
        Rune? before = null;
        foreach (var rune in text.EnumerateRunes())
        {
            if (before is { } left && MayBreak(left, rune))
            {
                chance = at;
            }

            width += widthOf(text.Slice(at, rune.Utf16SequenceLength));
            if (width > column && at > 0 && !IsSpace(rune))
            {
                // Where nothing allows a break, the word is cut.
                return chance > 0 ? chance : at;
            }

            at += rune.Utf16SequenceLength;
            before = rune;
        }

        return text.Length;
    }

    /// <summary>Whether a line may end between two neighbours.</summary>
    private static bool MayBreak(Rune left, Rune right)
    {
        if (IsSpace(right) || IsOneOf(Closing, right) || IsOneOf(Opening, left) || IsMark(right))
        {
            return false;
        }

        // Spaces before a word; both sides of Chinese; after the hyphen or stroke of a compound.
        return IsSpace(left) || IsIdeographic(left) || IsIdeographic(right)
            || (left.Value is '-' or '/' or '_' && Rune.IsLetter(right));
    }

    // No-break spaces hold together what they stand between.
    private static bool IsSpace(Rune rune) => Rune.IsWhiteSpace(rune) && rune.Value is not (0xA0 or 0x202F);

    private static bool IsOneOf(string marks, Rune rune) => rune.IsBmp && marks.Contains((char)rune.Value, StringComparison.Ordinal);

    private static bool IsMark(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark or UnicodeCategory.SpacingCombiningMark;

    private static bool IsIdeographic(Rune rune) => rune.Value is
        (>= 0x2E80 and <= 0x9FFF) or (>= 0xA000 and <= 0xA4CF) or (>= 0xAC00 and <= 0xD7A3) or (>= 0xF900 and <= 0xFAFF)
        or (>= 0xFE30 and <= 0xFE4F) or (>= 0xFF00 and <= 0xFF60) or (>= 0xFFE0 and <= 0xFFE6) or (>= 0x20000 and <= 0x3FFFF);
}
