using TumorFunctions.Core.Reports;

namespace TumorFunctions.Core.Tests.Reports;

public sealed class LineBreakerTests
{
    private const string Closing = "，。、；：？！）】》";
    private const string Opening = "（【《";

    private static readonly string[] Pieces =
    [
        "肿", "瘤", "位", "置", "，", "。", "（", "）", "《", "》", "、", "word", "T1WI", "Gd-DTPA", "15342", "mm³", " ", "  ", "\n", "𠮷", "…",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
    ];

    [Fact]
    public void Every_character_is_there_and_no_line_is_wider_than_its_column()
    {
        var random = new Random(11);
        for (var round = 0; round < 2000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(_ => Pieces[random.Next(Pieces.Length)]));
            double column = random.Next(2, 40);
            var lines = LineBreaker.Break(text, column, WidthOf);
            Assert.Equal(text.Replace("\n", string.Empty, StringComparison.Ordinal), string.Concat(lines));
            Assert.All(lines, line => Assert.True(WidthOf(line.TrimEnd()) <= column, $"'{line}' in {column}"));
        }
    }

    [Fact]
    public void No_closing_mark_begins_a_line_and_no_opening_mark_ends_one()
    {
        var random = new Random(12);
        var checkedLines = 0;
        for (var round = 0; round < 2000; round++)
        {
            // A letter between any two marks, so that there is always a place to break.
            var text = string.Concat(Enumerable.Range(0, 40).Select(i => i % 3 == 0 ? Pieces[random.Next(4, 11)] : "肿"));
            var lines = LineBreaker.Break(text + "肿", random.Next(8, 30), WidthOf);
            checkedLines += lines.Count;
            Assert.All(lines.Skip(1), line => Assert.DoesNotContain(line[0], Closing));
            Assert.All(lines, line => Assert.DoesNotContain(line[^1], Opening));
        }

        Assert.True(checkedLines > 1000);
    }

    [Theory]
    [InlineData("肿瘤位于 frontal lobe 附近", 14, "肿瘤位于 |frontal lobe |附近")]
    [InlineData("体积为15342 mm", 10, "体积为|15342 mm")]
    [InlineData("一二三四五，六", 10, "一二三四|五，六")]
    [InlineData("一二三四（五六）", 10, "一二三四|（五六）")]
    [InlineData("ABCDEFGHIJ", 4, "ABCD|EFGH|IJ")]
    [InlineData("甲\n\n乙", 4, "甲||乙")]
    [InlineData("", 4, "")]
    [InlineData("宽", 1, "宽")]
    public void Lines_break_where_they_should(string text, double column, string expected) =>
        Assert.Equal(expected, string.Join('|', LineBreaker.Break(text, column, WidthOf)));

    // Chinese is twice as wide as Latin.
    private static double WidthOf(ReadOnlySpan<char> text)
    {
        double width = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            width += rune.Value < 0x2000 ? 1 : 2;
        }

        return width;
    }
}
