using System.IO.Compression;
using System.Text;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Spreadsheet;
using DocumentFormat.OpenXml.Validation;
using TumorFunctions.Core.Reports;
using Word = DocumentFormat.OpenXml.Wordprocessing;

namespace TumorFunctions.Core.Tests.Reports;

public sealed class OfficeReportTests
{
    private const string Hostile = "=HYPERLINK(\"http://x\")\n+1\n-2\n@SUM(A1)\n_x0041_\u0001\u000b\ufffe\u202e]]><w:p/>&amp;";

    [Theory]
    [InlineData(SampleReport.Notes)]
    [InlineData(Hostile)]
    [InlineData("")]
    public void Documents_are_valid_and_read_back_equal(string notes)
    {
        using var package = WordprocessingDocument.Open(Docx(SampleReport.Create(notes)), false);
        Assert.Empty(new OpenXmlValidator().Validate(package).Select(error => $"{error.Path?.XPath}: {error.Description}"));
        var body = package.MainDocumentPart!.Document!.Body!;
        var paragraphs = body.Descendants<Word.Paragraph>().Select(paragraph => paragraph.InnerText).ToList();
        foreach (var line in ReportText.Clean(notes).Split('\n').Append("脑肿瘤影像分析报告").Append("张三").Append("15342.3").Append("mm³"))
        {
            Assert.Contains(line, paragraphs);
        }

        Assert.Equal(3, package.MainDocumentPart.ImageParts.Count());
        Assert.All(package.MainDocumentPart.ImageParts, image => Assert.Equal("image/png", image.ContentType));
        var footer = package.MainDocumentPart.FooterParts.Single().Footer!.InnerText;
        Assert.Contains("PAGE", footer, StringComparison.Ordinal);
        Assert.Contains("NUMPAGES", footer, StringComparison.Ordinal);
        Assert.DoesNotContain("glcm_Idm", body.InnerText, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SampleReport.Notes)]
    [InlineData(Hostile)]
    [InlineData("")]
    public void Workbooks_are_valid_and_read_back_equal(string notes)
    {
        using var package = SpreadsheetDocument.Open(Xlsx(SampleReport.Create(notes)), false);
        Assert.Empty(new OpenXmlValidator().Validate(package).Select(error => $"{error.Path?.XPath}: {error.Description}"));
        var summary = Cells(package, "报告").Select(TextOf).ToList();
        foreach (var line in ReportText.Clean(notes).Split('\n').Append("张三").Append("仅供研究使用 / 非诊断用途"))
        {
            Assert.Contains(line, summary);
        }

        Assert.Equal("glcm_Idm", TextOf(Cells(package, "全部特征")[2]));
        Assert.Equal(2, package.WorkbookPart!.WorksheetParts.Count(part => part.Worksheet!.Descendants<Pane>().Any()));
    }

    [Fact]
    public void Numbers_are_numbers_and_nothing_is_computed()
    {
        using var package = SpreadsheetDocument.Open(Xlsx(SampleReport.Create(Hostile, "=1+1")), false);
        var number = Cells(package, "测量结果")[4];
        Assert.Equal(CellValues.Number, number.DataType!.Value);
        Assert.Equal("15342.25", number.CellValue!.Text);
        var formats = package.WorkbookPart!.WorkbookStylesPart!.Stylesheet!;
        var style = formats.CellFormats!.Elements<CellFormat>().ElementAt((int)number.StyleIndex!.Value);
        Assert.Equal("0.0", formats.NumberingFormats!.Elements<NumberingFormat>()
            .Single(format => format.NumberFormatId!.Value == style.NumberFormatId!.Value).FormatCode!.Value);
        foreach (var cell in package.WorkbookPart.WorksheetParts.SelectMany(part => part.Worksheet!.Descendants<Cell>()))
        {
            Assert.Null(cell.CellFormula);
            Assert.Contains(cell.DataType!.Value, new[] { CellValues.InlineString, CellValues.Number });
        }
    }

    [Fact]
    public async Task The_same_report_gives_the_same_bytes()
    {
        var (docx, xlsx) = (Docx(SampleReport.Create()).ToArray(), Xlsx(SampleReport.Create()).ToArray());

        // Times in a zip have two seconds' resolution.
        await Task.Delay(TimeSpan.FromSeconds(2.1));
        Assert.Equal(docx, Docx(SampleReport.Create()).ToArray());
        Assert.Equal(xlsx, Xlsx(SampleReport.Create()).ToArray());
    }

    [Fact]
    public void Properties_tell_title_author_and_date()
    {
        using var archive = new ZipArchive(Docx(SampleReport.Create()));
        using var reader = new StreamReader(archive.Entries.Single(entry => entry.Name == "core.xml").Open(), Encoding.UTF8);
        var xml = reader.ReadToEnd();
        Assert.Contains("脑肿瘤影像分析报告", xml, StringComparison.Ordinal);
        Assert.Contains("李医生", xml, StringComparison.Ordinal);
        Assert.Contains("2026-01-04T09:30:00Z", xml, StringComparison.Ordinal);
    }

    private static List<Cell> Cells(SpreadsheetDocument package, string name)
    {
        var sheet = package.WorkbookPart!.Workbook!.Descendants<Sheet>().Single(sheet => sheet.Name == name);
        return [.. ((WorksheetPart)package.WorkbookPart.GetPartById(sheet.Id!.Value!)).Worksheet!.Descendants<Cell>()];
    }

    // _x005F_ stands for a low line that is none of an escape (ECMA-376 part 1, 22.9.2.19).
    private static string TextOf(Cell cell) => cell.InnerText.Replace("_x005F_", "_", StringComparison.Ordinal);

    private static MemoryStream Docx(ReportDocument report) => Write(DocxReportWriter.Write, report);

    private static MemoryStream Xlsx(ReportDocument report) => Write(XlsxReportWriter.Write, report);

    private static MemoryStream Write(Action<Stream, ReportDocument> write, ReportDocument report)
    {
        var file = new MemoryStream();
        write(file, report);
        file.Position = 0;
        return file;
    }
}
