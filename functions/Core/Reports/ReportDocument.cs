namespace TumorFunctions.Core.Reports;

/// <summary>The content of a report, put together once and set by every writer.</summary>
public sealed record ReportDocument
{
    public required string Title { get; init; }

    /// <summary>Institution or study; under the title.</summary>
    public required string Subtitle { get; init; }

    /// <summary>What the report is known by; in the head of every page.</summary>
    public required string Number { get; init; }

    public required IReadOnlyList<ReportSection> Sections { get; init; }

    /// <summary>Who signs and when: labels with a value, or with null for a line to write on.</summary>
    public required IReadOnlyList<ReportFact> Signature { get; init; }

    /// <summary>In the foot of every page.</summary>
    public required string Disclaimer { get; init; }

    /// <summary>The time that the file carries in its properties.</summary>
    public required DateTimeOffset Date { get; init; }

    public required string Author { get; init; }

    /// <summary>The same with every text made safe to print; writers begin with it.</summary>
    /// <seealso cref="ReportText.Clean"/>
    public ReportDocument Cleaned() => this with
    {
        Title = ReportText.CleanLine(Title),
        Subtitle = ReportText.CleanLine(Subtitle),
        Number = ReportText.CleanLine(Number),
        Sections = [.. Sections.Select(section => section.Cleaned())],
        Signature = [.. Signature.Select(fact => fact.Cleaned())],
        Disclaimer = ReportText.CleanLine(Disclaimer),
        Author = ReportText.CleanLine(Author),
    };
}

/// <summary>A part of a report under a heading of its own.</summary>
public abstract record ReportSection(string Title)
{
    internal abstract ReportSection Cleaned();
}

/// <summary>Labels and values, two pairs a line.</summary>
public sealed record FactsSection(string Title, IReadOnlyList<ReportFact> Facts) : ReportSection(Title)
{
    internal override ReportSection Cleaned() => new FactsSection(ReportText.CleanLine(Title), [.. Facts.Select(fact => fact.Cleaned())]);
}

/// <summary>Running text; line feeds start paragraphs.</summary>
public sealed record TextSection(string Title, string Text) : ReportSection(Title)
{
    internal override ReportSection Cleaned() => new TextSection(ReportText.CleanLine(Title), ReportText.Clean(Text));
}

/// <summary>A table with a heading row that comes again on every page.</summary>
/// <param name="Widths">Share of the width that each column takes; positive, as many as columns.</param>
public sealed record TableSection(
    string Title, IReadOnlyList<string> Columns, IReadOnlyList<double> Widths, IReadOnlyList<IReadOnlyList<ReportCell>> Rows)
    : ReportSection(Title)
{
    /// <summary>Too long for paper: only spreadsheets carry it.</summary>
    public bool SheetOnly { get; init; }

    internal override ReportSection Cleaned() => new TableSection(
        ReportText.CleanLine(Title),
        [.. Columns.Select(ReportText.CleanLine)],
        Widths,
        [.. Rows.Select(row => row.Select(cell => cell with { Text = ReportText.Clean(cell.Text) }).ToArray())])
    {
        SheetOnly = SheetOnly,
    };
}

/// <summary>Figures side by side.</summary>
public sealed record FiguresSection(string Title, IReadOnlyList<ReportFigure> Figures) : ReportSection(Title)
{
    internal override ReportSection Cleaned() => new FiguresSection(
        ReportText.CleanLine(Title), [.. Figures.Select(figure => figure with { Caption = ReportText.CleanLine(figure.Caption) })]);
}

/// <param name="Value">Null for a line to write on.</param>
public sealed record ReportFact(string Label, string? Value)
{
    internal ReportFact Cleaned() => new(ReportText.CleanLine(Label), Value is null ? null : ReportText.Clean(Value));
}

/// <summary>What stands in a table: a text, or a number that stays one in a spreadsheet.</summary>
/// <param name="Format">How a number is shown: a format of .NET that spreadsheets read alike, such as 0.00.</param>
public sealed record ReportCell(string Text, double? Number = null, string? Format = null)
{
    public static ReportCell Of(string text) => new(text);

    /// <param name="missing">Stands where there is no number.</param>
    public static ReportCell Of(double? number, string format, string missing) => number is { } value && double.IsFinite(value)
        ? new ReportCell(value.ToString(format, System.Globalization.CultureInfo.InvariantCulture), value, format)
        : new ReportCell(missing);
}

/// <summary>A figure with a line under it.</summary>
public abstract record ReportFigure(string Caption);

/// <summary>A grey slice as radiologists look at it.</summary>
/// <param name="Pixels">Width × Height grey levels, rows from the top.</param>
/// <param name="PixelAspect">Height of a pixel by its width.</param>
public sealed record SliceFigure(string Caption, byte[] Pixels, int Width, int Height, double PixelAspect) : ReportFigure(Caption)
{
    /// <summary>Width × Height; not 0 inside. Its edge is drawn; null for none.</summary>
    public byte[]? Mask { get; init; }

    /// <summary>x0, y0, x1, y1 in pixels; null for none.</summary>
    public int[]? Box { get; init; }

    /// <summary>What lies at the left, right, top and bottom: R, L, A, P, S or I; null where unknown.</summary>
    public string[]? Sides { get; init; }
}

/// <summary>Series over one axis.</summary>
public sealed record ChartFigure(string Caption, string XLabel, string YLabel, IReadOnlyList<ChartSeries> Series) : ReportFigure(Caption)
{
    /// <summary>Value at the left and the right end of the x axis.</summary>
    public required (double From, double To) Range { get; init; }
}

/// <param name="Values">Not negative, evenly spread over the range of the chart: the first at its left end, the last at its right.</param>
public sealed record ChartSeries(string Name, IReadOnlyList<double> Values, bool IsAccent);
