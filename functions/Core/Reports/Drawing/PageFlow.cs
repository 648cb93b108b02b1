using TumorFunctions.Core.Reports.Fonts;

namespace TumorFunctions.Core.Reports.Drawing;

/// <summary>Fills A4 pages from the top; what does not fit begins the next.</summary>
internal sealed class PageFlow
{
    public const double PageWidth = 595.28;
    public const double PageHeight = 841.89;
    public const double Margin = 48;
    public const double Column = PageWidth - (2 * Margin);
    private const double Top = 62;
    private const double Bottom = PageHeight - 58;

    private readonly List<List<DrawItem>> _pages = [[]];

    public IReadOnlyList<List<DrawItem>> Pages => _pages;

    /// <summary>Where the next thing goes, in points from the top of the page.</summary>
    public double Y { get; private set; } = Top;

    public double Left => Bottom - Y;

    public bool IsAtTop => Y <= Top;

    public void Add(DrawItem item) => _pages[^1].Add(item);

    public void Skip(double height) => Y += height;

    /// <summary>Space before something, but not at the top of a page.</summary>
    public void Gap(double height)
    {
        if (!IsAtTop)
        {
            Y += height;
        }
    }

    /// <summary>Turns the page unless so much fits; whether it did.</summary>
    public bool Require(double height)
    {
        if (height <= Left || IsAtTop)
        {
            return false;
        }

        _pages.Add([]);
        Y = Top;
        return true;
    }

    /// <summary>A showable text on one line.</summary>
    public void AddText(string text, double x, double baseLine, double size, uint colour)
    {
        var shown = text.TrimEnd();
        if (shown.Length > 0)
        {
            Add(new TextItem(x, baseLine, size, colour, shown));
        }
    }

    /// <summary>Lines of a text in a column; the text is made showable first.</summary>
    public static IReadOnlyList<string> Lines(string text, double column, double size)
    {
        var font = ReportFont.Default;
        return LineBreaker.Break(font.Showable(text), column / size, font.WidthOf);
    }
}
