using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Wordprocessing;
using TumorFunctions.Core.Reports.Drawing;
using TumorFunctions.Core.Reports.Office;

namespace TumorFunctions.Core.Reports;

/// <summary>Sets a report as DOCX (ECMA-376), A4; the same report, the same bytes.</summary>
public static class DocxReportWriter
{
    private const int ColumnTwips = (int)(PageFlow.Column * 20);
    private const double PixelsPerPoint = 2.5;

    /// <param name="destination">Left open.</param>
    public static void Write(Stream destination, ReportDocument report)
    {
        var clean = report.Cleaned();
        OfficePackage.Write(destination, clean.Date, stream => Build(stream, clean));
    }

    private static void Build(Stream stream, ReportDocument report)
    {
        using var package = WordprocessingDocument.Create(stream, WordprocessingDocumentType.Document);
        var main = package.AddMainDocumentPart();
        package.ChangeIdOfPart(main, "rIdDocument");
        OfficePackage.AddProperties(package, report);
        main.AddNewPart<StyleDefinitionsPart>("rIdStyles").Styles = DocxStyles.Create();
        main.AddNewPart<HeaderPart>("rIdHeader").Header = new Header(
            Line(DocxStyles.Furniture, Text($"{report.Title}    {report.Number}")));
        main.AddNewPart<FooterPart>("rIdFooter").Footer = new Footer(Line(
            DocxStyles.Furniture, Text($"{report.Disclaimer}    第 "), Field("PAGE"), Text(" / "), Field("NUMPAGES"), Text(" 页")));

        var pictures = new DocxPictures(main);
        var body = new Body(Line(DocxStyles.Title, Text(report.Title)), Line(DocxStyles.Subtitle, Text(report.Subtitle)));
        foreach (var section in report.Sections.Where(section => section is not TableSection { SheetOnly: true }))
        {
            body.Append(Line(DocxStyles.Heading, Text(section.Title)));
            body.Append(ContentOf(section, pictures));
        }

        body.Append(Line(DocxStyles.Body));
        body.Append(Table(
            [.. report.Signature.Select(_ => 1.0)],
            [[.. report.Signature.Select(fact => Cell($"{fact.Label}  {fact.Value ?? "__________________"}", DocxStyles.Body))]],
            hasHeading: false));
        body.Append(new SectionProperties(
            new HeaderReference { Type = HeaderFooterValues.Default, Id = "rIdHeader" },
            new FooterReference { Type = HeaderFooterValues.Default, Id = "rIdFooter" },
            new PageSize { Width = 11906, Height = 16838 },
            new PageMargin { Top = 1240, Bottom = 1160, Left = 960, Right = 960, Header = 600, Footer = 500, Gutter = 0 }));
        main.Document = new Document(body);
    }

    private static IEnumerable<OpenXmlElement> ContentOf(ReportSection section, DocxPictures pictures) => section switch
    {
        FactsSection facts => [Table([1.1, 3, 1.1, 3], [.. facts.Facts.Chunk(2).Select(Pair)], hasHeading: false)],
        TextSection text => text.Text.Split('\n').Select(line => Line(DocxStyles.Body, Text(line))),
        TableSection table =>
        [
            Table(
                table.Widths,
                [
                    [.. table.Columns.Select(column => Cell(column, DocxStyles.CellHeading))],
                    .. table.Rows.Select(row => row.Select(cell => Cell(
                        cell.Text, cell.Number is null ? DocxStyles.Cell : DocxStyles.Number)).ToArray()),
                ],
                hasHeading: true),
        ],
        FiguresSection figures => [Table([.. figures.Figures.Select(_ => 1.0)], [FigureCells(figures, pictures)], hasHeading: false)],
        _ => throw new ArgumentException($"{section.GetType().Name} cannot be set.", nameof(section)),
    };

    private static TableCell[] Pair(ReportFact[] pair) =>
    [
        .. pair.SelectMany(fact => (TableCell[])[Cell(fact.Label, DocxStyles.Label), Cell(fact.Value ?? string.Empty, DocxStyles.Body)]),
        .. pair.Length == 1 ? (TableCell[])[Cell(string.Empty, DocxStyles.Label), Cell(string.Empty, DocxStyles.Body)] : [],
    ];

    private static TableCell[] FigureCells(FiguresSection section, DocxPictures pictures)
    {
        const double padding = 12;
        var column = (PageFlow.Column / section.Figures.Count) - padding;
        return [.. section.Figures.Select(figure =>
        {
            var drawing = FigureDrawing.Of(figure, column);
            return new TableCell(
                new Paragraph(Style(DocxStyles.Cell), new Run(pictures.Add(
                    Painter.ToPng(drawing, PixelsPerPoint), drawing.Width, drawing.Height, figure.Caption))),
                Line(DocxStyles.Caption, Text(figure.Caption)));
        })];
    }

    private static Table Table(IReadOnlyList<double> widths, IReadOnlyList<TableCell[]> rows, bool hasHeading)
    {
        var total = widths.Sum();
        int[] twips = [.. widths.Select(width => (int)(ColumnTwips * width / total))];
        var borders = hasHeading
            ? new TableBorders(
                new TopBorder { Val = BorderValues.Single, Size = 4, Color = "C9D1D9" },
                new BottomBorder { Val = BorderValues.Single, Size = 4, Color = "C9D1D9" },
                new InsideHorizontalBorder { Val = BorderValues.Single, Size = 4, Color = "C9D1D9" })
            : null;
        var properties = new TableProperties(new TableWidth { Width = $"{twips.Sum()}", Type = TableWidthUnitValues.Dxa });
        if (borders is not null)
        {
            properties.Append(borders);
        }

        properties.Append(new TableLayout { Type = TableLayoutValues.Fixed });
        var table = new Table(properties, new TableGrid(twips.Select(width => new GridColumn { Width = $"{width}" })));
        for (var i = 0; i < rows.Count; i++)
        {
            var row = new TableRow();
            var rules = new TableRowProperties(new CantSplit());
            if (hasHeading && i == 0)
            {
                rules.Append(new TableHeader());
            }

            row.Append(rules);
            for (var column = 0; column < rows[i].Length; column++)
            {
                var cell = rows[i][column];
                var layout = new TableCellProperties(new TableCellWidth { Width = $"{twips[column]}", Type = TableWidthUnitValues.Dxa });
                if (hasHeading && i == 0)
                {
                    layout.Append(new Shading { Val = ShadingPatternValues.Clear, Color = "auto", Fill = "EEF3F7" });
                }

                cell.InsertAt(layout, 0);
                row.Append(cell);
            }

            table.Append(row);
        }

        return table;
    }

    private static TableCell Cell(string text, string style) => new(text.Split('\n').Select(line => Line(style, Text(line))));

    private static Paragraph Line(string style, params Run[] runs)
    {
        var paragraph = new Paragraph(Style(style));
        paragraph.Append(runs);
        return paragraph;
    }

    private static ParagraphProperties Style(string style) => new(new ParagraphStyleId { Val = style });

    private static Run Text(string text) => new(new Text(text) { Space = SpaceProcessingModeValues.Preserve });

    private static Run Field(string instruction) => new(
        new FieldChar { FieldCharType = FieldCharValues.Begin },
        new FieldCode($" {instruction} ") { Space = SpaceProcessingModeValues.Preserve },
        new FieldChar { FieldCharType = FieldCharValues.Separate },
        new Text("1"),
        new FieldChar { FieldCharType = FieldCharValues.End });
}
