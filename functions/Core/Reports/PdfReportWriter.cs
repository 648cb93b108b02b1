using SkiaSharp;
using TumorFunctions.Core.Reports.Drawing;
using TumorFunctions.Core.Reports.Fonts;

namespace TumorFunctions.Core.Reports;

/// <summary>Sets a report as PDF, A4, with the glyphs that it uses embedded and its text extractable; the same report, the same bytes.</summary>
public static class PdfReportWriter
{
    private const uint Ink = 0x1F2933;
    private const uint Soft = 0x6B7785;
    private const uint Rule = 0xC9D1D9;
    private const uint Shade = 0xEEF3F7;
    private const uint Accent = 0x0F5E7D;
    private const double Body = 9.5;
    private const double Small = 8;
    private const double LineHeight = 15;
    private const double RowHeight = 13;
    private const double Padding = 5;

    /// <param name="destination">Left open.</param>
    public static void Write(Stream destination, ReportDocument report)
    {
        report = report.Cleaned();
        var flow = new PageFlow();
        AddTitle(flow, report);
        foreach (var section in report.Sections.Where(section => section is not TableSection { SheetOnly: true }))
        {
            AddSection(flow, section);
        }

        AddSignature(flow, report);
        for (var page = 0; page < flow.Pages.Count; page++)
        {
            flow.Pages[page].AddRange(Furniture(report, page + 1, flow.Pages.Count));
        }

        Paint(destination, report, flow.Pages);
    }

    private static void Paint(Stream destination, ReportDocument report, IReadOnlyList<List<DrawItem>> pages)
    {
        using var typeface = ReportFont.Default.Subset(pages.SelectMany(page => page.OfType<TextItem>()).Select(text => text.Text));
        var metadata = new SKDocumentPdfMetadata
        {
            Title = $"{report.Title} {report.Number}",
            Author = report.Author,
            Creator = "TumorFunctions",
            Producer = "TumorFunctions",
            Creation = report.Date.UtcDateTime,
            Modified = report.Date.UtcDateTime,
            RasterDpi = 300,
            EncodingQuality = 101,
        };
        using var stream = new SKManagedWStream(destination, disposeManagedStream: false);
        using var document = SKDocument.CreatePdf(stream, metadata);
        foreach (var page in pages)
        {
            var canvas = document.BeginPage((float)PageFlow.PageWidth, (float)PageFlow.PageHeight);
            Painter.Paint(canvas, page, typeface);
            document.EndPage();
        }

        document.Close();
    }

    private static void AddTitle(PageFlow flow, ReportDocument report)
    {
        const double size = 19;
        foreach (var line in PageFlow.Lines(report.Title, PageFlow.Column, size))
        {
            flow.AddText(line, PageFlow.Margin, flow.Y + size, size, Ink);
            flow.Skip(size * 1.3);
        }

        foreach (var line in PageFlow.Lines(report.Subtitle, PageFlow.Column, Body))
        {
            flow.AddText(line, PageFlow.Margin, flow.Y + Body, Body, Soft);
            flow.Skip(LineHeight);
        }

        flow.Add(new BoxItem(PageFlow.Margin, flow.Y + 3, PageFlow.Column, 1.6, Accent, Filled: true));
        flow.Skip(6);
    }

    private static void AddSection(PageFlow flow, ReportSection section)
    {
        var followedBy = section switch
        {
            FiguresSection figures => HeightOf(figures, out _),
            FactsSection facts => (facts.Facts.Count + 1) / 2 * LineHeight,
            _ => 2 * LineHeight,
        };
        flow.Gap(12);
        flow.Require(LineHeight + 6 + followedBy);
        flow.Add(new BoxItem(PageFlow.Margin, flow.Y + 1.5, 3, 11, Accent, Filled: true));
        flow.AddText(ReportFont.Default.Showable(section.Title), PageFlow.Margin + 9, flow.Y + 11, 11, Accent);
        flow.Skip(LineHeight + 4);
        switch (section)
        {
            case FactsSection facts:
                AddFacts(flow, facts);
                break;
            case TextSection text:
                AddText(flow, text);
                break;
            case TableSection table:
                AddTable(flow, table);
                break;
            case FiguresSection figures:
                AddFigures(flow, figures);
                break;
            default:
                throw new ArgumentException($"{section.GetType().Name} cannot be set.", nameof(section));
        }
    }

    private static void AddFacts(PageFlow flow, FactsSection section)
    {
        const double label = 66;
        const double value = (PageFlow.Column / 2) - label - 8;
        foreach (var pair in section.Facts.Chunk(2))
        {
            var lines = pair.Select(fact => (fact.Label, Lines: PageFlow.Lines(fact.Value ?? string.Empty, value, Body))).ToList();
            for (var line = 0; line < lines.Max(fact => fact.Lines.Count); line++)
            {
                flow.Require(LineHeight);
                for (var side = 0; side < lines.Count; side++)
                {
                    var x = PageFlow.Margin + (side * PageFlow.Column / 2);
                    if (line == 0)
                    {
                        flow.AddText(ReportFont.Default.Showable(lines[side].Label), x, flow.Y + Body + 1, Body, Soft);
                    }

                    if (line < lines[side].Lines.Count)
                    {
                        flow.AddText(lines[side].Lines[line], x + label, flow.Y + Body + 1, Body, Ink);
                    }
                }

                flow.Skip(LineHeight);
            }
        }
    }

    private static void AddText(PageFlow flow, TextSection section)
    {
        foreach (var line in PageFlow.Lines(section.Text, PageFlow.Column, Body))
        {
            flow.Require(LineHeight);
            flow.AddText(line, PageFlow.Margin, flow.Y + Body + 1, Body, Ink);
            flow.Skip(LineHeight);
        }
    }

    private static void AddTable(PageFlow flow, TableSection section)
    {
        var total = section.Widths.Sum();
        double[] widths = [.. section.Widths.Select(width => PageFlow.Column * width / total)];

        // Numbers stand flush right, so that their places are under each other.
        bool[] flushRight = [.. widths.Select((_, i) => section.Rows.Any(row => row[i].Number is not null))];
        AddHeading();
        foreach (var row in section.Rows)
        {
            var cells = Set([.. row.Select(cell => cell.Text)]);
            for (var line = 0; line < cells.Max(cell => cell.Count); line++)
            {
                if (flow.Require(RowHeight + 3))
                {
                    AddHeading();
                }

                AddLine(cells, line, Ink);
            }

            flow.Add(new PathItem([(PageFlow.Margin, flow.Y + 2), (PageFlow.Margin + PageFlow.Column, flow.Y + 2)], Rule, 0.4));
            flow.Skip(3);
        }

        List<IReadOnlyList<string>> Set(IReadOnlyList<string> texts) =>
            [.. texts.Select((text, i) => PageFlow.Lines(text, widths[i] - (2 * Padding), Small))];

        void AddHeading()
        {
            var cells = Set(section.Columns);
            var lines = cells.Max(cell => cell.Count);
            flow.Add(new BoxItem(PageFlow.Margin, flow.Y, PageFlow.Column, (lines * RowHeight) + 3, Shade, Filled: true));
            flow.Skip(1.5);
            for (var line = 0; line < lines; line++)
            {
                AddLine(cells, line, Accent);
            }

            flow.Skip(2.5);
        }

        void AddLine(List<IReadOnlyList<string>> cells, int line, uint colour)
        {
            var x = PageFlow.Margin;
            for (var i = 0; i < cells.Count; i++)
            {
                if (line < cells[i].Count)
                {
                    var text = cells[i][line].TrimEnd();
                    var indent = flushRight[i] ? widths[i] - Padding - (Small * ReportFont.Default.WidthOf(text)) : Padding;
                    flow.AddText(text, x + indent, flow.Y + Small + 1.5, Small, colour);
                }

                x += widths[i];
            }

            flow.Skip(RowHeight);
        }
    }

    private static double HeightOf(FiguresSection section, out (FigureDrawing Drawing, IReadOnlyList<string> Caption)[] figures)
    {
        const double gutter = 14;
        var column = (PageFlow.Column - (gutter * (section.Figures.Count - 1))) / section.Figures.Count;
        figures = [.. section.Figures.Select(figure =>
            (FigureDrawing.Of(figure, column), PageFlow.Lines(figure.Caption, column, Small)))];
        return figures.Max(figure => figure.Drawing.Height + 6 + (figure.Caption.Count * RowHeight));
    }

    private static void AddFigures(PageFlow flow, FiguresSection section)
    {
        const double gutter = 14;
        var height = HeightOf(section, out var figures);
        var x = PageFlow.Margin;
        foreach (var (drawing, caption) in figures)
        {
            foreach (var item in drawing.Items)
            {
                flow.Add(item.Moved(x, flow.Y));
            }

            var y = flow.Y + drawing.Height + Small + 5;
            foreach (var line in caption)
            {
                flow.AddText(line, x, y, Small, Soft);
                y += RowHeight;
            }

            x += drawing.Width + gutter;
        }

        flow.Skip(height);
    }

    private static void AddSignature(PageFlow flow, ReportDocument report)
    {
        const double above = 26;
        var column = PageFlow.Column / report.Signature.Count;
        var parts = report.Signature.Select((fact, i) =>
        {
            var label = ReportFont.Default.Showable(fact.Label);
            var (x, indent) = (PageFlow.Margin + (i * column), (Body * ReportFont.Default.WidthOf(label)) + 6);
            var lines = fact.Value is null ? null : PageFlow.Lines(fact.Value, Math.Max(Body, column - 12 - indent), Body);
            return (Label: label, X: x, Start: x + indent, Lines: lines);
        }).ToList();
        var height = above + (LineHeight * parts.Max(part => part.Lines?.Count ?? 1));
        flow.Gap(14);
        flow.Require(height);
        flow.Add(new PathItem([(PageFlow.Margin, flow.Y), (PageFlow.Margin + PageFlow.Column, flow.Y)], Rule, 0.6));
        foreach (var (label, x, start, lines) in parts)
        {
            var y = flow.Y + above;
            flow.AddText(label, x, y, Body, Soft);
            if (lines is null)
            {
                flow.Add(new PathItem([(start, y + 2), (x + column - 12, y + 2)], Ink, 0.6));
            }

            foreach (var line in lines ?? [])
            {
                flow.AddText(line, start, y, Body, Ink);
                y += LineHeight;
            }
        }

        flow.Skip(height);
    }

    private static IEnumerable<DrawItem> Furniture(ReportDocument report, int page, int pages)
    {
        var font = ReportFont.Default;
        const double left = PageFlow.Margin, right = PageFlow.Margin + PageFlow.Column, foot = PageFlow.PageHeight - 34;
        var title = font.Showable(report.Title);
        var number = $"第 {page} / {pages} 页";
        yield return new TextItem(left, 38, Small, Soft, font.Showable(report.Number));
        yield return new TextItem(right - (Small * font.WidthOf(title)), 38, Small, Soft, title);
        yield return new PathItem([(left, 44), (right, 44)], Rule, 0.5);
        yield return new PathItem([(left, foot - 13), (right, foot - 13)], Rule, 0.5);
        yield return new TextItem(left, foot, Small, Soft, font.Showable(report.Disclaimer));
        yield return new TextItem(right - (Small * font.WidthOf(number)), foot, Small, Soft, number);
    }
}
