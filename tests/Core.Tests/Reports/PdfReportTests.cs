using TumorFunctions.Core.Reports;

namespace TumorFunctions.Core.Tests.Reports;

public sealed class PdfReportTests
{
    [Fact]
    public void Text_can_be_copied_out_as_it_went_in()
    {
        var pdf = Write(SampleReport.Create());
        Assert.True(pdf.EmbedsFont);
        Assert.Contains(PdfText.Squeeze(SampleReport.Notes), pdf.Letters, StringComparison.Ordinal);
        foreach (var text in new[] { "脑肿瘤影像分析报告", "协和医院", "张三", "第 2 行", "15344.3", "mm³", "—", "灰度分布", "占比 (%)", "R", "李医生" })
        {
            Assert.Contains(text, pdf.Pages.SelectMany(page => page));
        }

        Assert.DoesNotContain("glcm_Idm", pdf.Letters, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_page_has_its_number_the_report_s_and_the_disclaimer()
    {
        var pdf = Write(SampleReport.Create(rows: 120));
        Assert.True(pdf.Pages.Count > 2);
        for (var page = 0; page < pdf.Pages.Count; page++)
        {
            Assert.Contains($"第 {page + 1} / {pdf.Pages.Count} 页", pdf.Pages[page]);
            Assert.Contains("报告编号 000001", pdf.Pages[page]);
            Assert.Contains("仅供研究使用 / 非诊断用途", pdf.Pages[page]);
        }

        var headed = pdf.Pages.Count(page => page.Contains("单位"));
        Assert.Equal(pdf.Pages.Count(page => page.Any(text => text.EndsWith('行'))), headed);
        Assert.All(Enumerable.Range(0, 120), row => Assert.Contains($"第 {row} 行", pdf.Pages.SelectMany(page => page)));
    }

    [Fact]
    public void What_the_font_cannot_show_is_shown_by_its_code()
    {
        var pdf = Write(SampleReport.Create("🙂 36.5℃ Ⅴ级 𠮷野家 שלום e\u0301 ǎ 龘"));
        Assert.Contains(
            "[U+1F642]36.5°CV级[U+20BB7]野家[U+05E9][U+05DC][U+05D5][U+05DD]e\u0301[U+01CE]龘", pdf.Letters, StringComparison.Ordinal);
    }

    [Fact]
    public void Characters_that_mislead_are_gone()
    {
        var pdf = Write(SampleReport.Create("良性\u202e\u2066gnp.exe\u2069\u202c\0\u0007\u200b完", "张\u200f三\r\n"));
        Assert.Contains("良性gnp.exe完", pdf.Letters, StringComparison.Ordinal);
        Assert.Contains("张三", pdf.Pages.SelectMany(page => page).Select(text => text.Trim()));
    }

    [Fact]
    public void Any_text_is_printed()
    {
        var random = new Random(5);
        for (var round = 0; round < 20; round++)
        {
            var notes = string.Concat(Enumerable.Range(0, 300).Select(_ => (char)random.Next(0x10000)));
            var shown = PdfText.Squeeze(ReportText.Clean(notes));
            var letters = Write(SampleReport.Create(notes)).Letters;

            // Chinese ideographs of the basic plane are all in the font.
            Assert.All(shown.Where(c => c is >= '\u4e00' and <= '\u9fa5'), c => Assert.Contains(c, letters));
        }
    }

    [Fact]
    public void The_same_report_gives_the_same_bytes() => Assert.Equal(Bytes(SampleReport.Create()), Bytes(SampleReport.Create()));

    [Fact]
    public void Empty_parts_do_no_harm()
    {
        var report = SampleReport.Create() with
        {
            Sections =
            [
                new TextSection("医生意见", string.Empty),
                new TableSection("空表", ["列"], [1], []),
                new FactsSection("无", []),
                new FiguresSection("图", [new ChartFigure("空", "x", "y", [new ChartSeries("s", [], true)]) { Range = (0, 0) }]),
            ],
        };
        Assert.Single(Write(report).Pages);
    }

    private static byte[] Bytes(ReportDocument report)
    {
        using var file = new MemoryStream();
        PdfReportWriter.Write(file, report);
        return file.ToArray();
    }

    private static PdfText Write(ReportDocument report) => new(Bytes(report));
}
