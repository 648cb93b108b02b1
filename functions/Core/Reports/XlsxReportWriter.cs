using System.Globalization;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using TumorFunctions.Core.Reports.Drawing;
using TumorFunctions.Core.Reports.Office;

namespace TumorFunctions.Core.Reports;

/// <summary>
/// Sets a report as XLSX (ECMA-376): facts and notes on the first sheet, a sheet a table with its heading frozen, figures on the last.
/// Numbers are numbers; text is text whatever it begins with, so nothing in it is ever computed. The same report, the same bytes.
/// </summary>
public static class XlsxReportWriter
{
    private const double PixelsPerPoint = 2.5;
    private const double FigureColumn = 300;

    /// <param name="destination">Left open.</param>
    public static void Write(Stream destination, ReportDocument report)
    {
        var clean = report.Cleaned();
        OfficePackage.Write(destination, clean.Date, stream => Build(stream, clean));
    }

    private static void Build(Stream stream, ReportDocument report)
    {
        using var package = SpreadsheetDocument.Create(stream, SpreadsheetDocumentType.Workbook);
        var workbook = package.AddWorkbookPart();
        package.ChangeIdOfPart(workbook, "rIdWorkbook");
        OfficePackage.AddProperties(package, report);
        var styles = new XlsxStyles(
            report.Sections.OfType<TableSection>().SelectMany(table => table.Rows).SelectMany(row => row)
                .Where(cell => cell.Number is not null).Select(cell => cell.Format!));
        workbook.AddNewPart<WorkbookStylesPart>("rIdStyles").Stylesheet = styles.Create();
        var sheets = new Sheets();
        workbook.Workbook = new Workbook(sheets);

        AddSheet("报告", Summary(report));
        foreach (var table in report.Sections.OfType<TableSection>())
        {
            AddSheet(table.Title, Table(table, styles));
        }

        if (report.Sections.OfType<FiguresSection>().SelectMany(section => section.Figures).ToList() is { Count: > 0 } figures)
        {
            AddFigures(AddSheet("图像", new Worksheet(new SheetData())), figures);
        }

        WorksheetPart AddSheet(string name, Worksheet content)
        {
            var number = (uint)sheets.ChildElements.Count + 1;
            var part = workbook.AddNewPart<WorksheetPart>($"rIdSheet{number}");
            part.Worksheet = content;
            sheets.Append(new Sheet { Name = name, SheetId = number, Id = $"rIdSheet{number}" });
            return part;
        }
    }

    private static Worksheet Summary(ReportDocument report)
    {
        var rows = new SheetData(
            Row(Text(report.Title, XlsxStyles.Title)), Row(Text(report.Subtitle, XlsxStyles.Label)), Row(Text(report.Number, XlsxStyles.Label)));
        foreach (var section in report.Sections)
        {
            if (section is not (FactsSection or TextSection))
            {
                continue;
            }

            rows.Append(Row(), Row(Text(section.Title, XlsxStyles.Heading), Text(string.Empty, XlsxStyles.Heading)));
            if (section is FactsSection facts)
            {
                rows.Append(facts.Facts.Select(Fact));
            }
            else if (section is TextSection text)
            {
                rows.Append(text.Text.Split('\n').Select(line => Row(Text(string.Empty, XlsxStyles.Text), Text(line, XlsxStyles.Text))));
            }
        }

        rows.Append(Row());
        rows.Append(report.Signature.Select(Fact));
        rows.Append(Row(), Row(Text(string.Empty, XlsxStyles.Text), Text(report.Disclaimer, XlsxStyles.Label)));
        return new Worksheet(Columns([18, 90]), rows, Footer());

        static Row Fact(ReportFact fact) => Row(Text(fact.Label, XlsxStyles.Label), Text(fact.Value ?? string.Empty, XlsxStyles.Text));
    }

    private static Worksheet Table(TableSection table, XlsxStyles styles)
    {
        const double characters = 110;
        var total = table.Widths.Sum();
        var rows = new SheetData(Row([.. table.Columns.Select(column => Text(column, XlsxStyles.Heading))]));
        rows.Append(table.Rows.Select(row => Row([.. row.Select(cell => cell.Number is { } number
            ? new Cell
            {
                CellValue = new CellValue(number.ToString("R", CultureInfo.InvariantCulture)),
                DataType = CellValues.Number,
                StyleIndex = styles.Of(cell.Format!),
            }
            : Text(cell.Text, XlsxStyles.Text))])));
        return new Worksheet(
            new SheetViews(new SheetView(new Pane
            {
                VerticalSplit = 1,
                TopLeftCell = "A2",
                ActivePane = PaneValues.BottomLeft,
                State = PaneStateValues.Frozen,
            })
            { WorkbookViewId = 0 }),
            Columns([.. table.Widths.Select(width => characters * width / total)]),
            rows,
            Footer());
    }

    private static void AddFigures(WorksheetPart sheet, IReadOnlyList<ReportFigure> figures)
    {
        const double rowPoints = 15;
        var pictures = new XlsxPictures(sheet.AddNewPart<DrawingsPart>("rIdDrawing"));
        var rows = sheet.Worksheet!.GetFirstChild<SheetData>()!;
        var line = 1u;
        foreach (var figure in figures)
        {
            var drawing = FigureDrawing.Of(figure, FigureColumn);
            rows.Append(new Row(Text(figure.Caption, XlsxStyles.Label)) { RowIndex = line });
            pictures.Add(Painter.ToPng(drawing, PixelsPerPoint), (int)line, drawing.Width, drawing.Height, figure.Caption);
            line += (uint)Math.Ceiling(drawing.Height / rowPoints) + 3;
        }

        sheet.Worksheet!.InsertBefore(Columns([90]), rows);
        sheet.Worksheet!.Append(new DocumentFormat.OpenXml.Spreadsheet.Drawing { Id = "rIdDrawing" });
    }

    private static Columns Columns(IReadOnlyList<double> widths) => new(widths.Select((width, i) => new Column
    {
        Min = (uint)i + 1,
        Max = (uint)i + 1,
        Width = Math.Round(width, 1),
        CustomWidth = true,
    }));

    private static HeaderFooter Footer() => new(new OddFooter("&C第 &P / &N 页"));

    private static Row Row(params Cell[] cells) => new(cells);

    private static Cell Text(string text, uint style) => new(new InlineString(new Text(XlsxStyles.Escape(text))
    {
        Space = SpaceProcessingModeValues.Preserve,
    }))
    { DataType = CellValues.InlineString, StyleIndex = style };
}
