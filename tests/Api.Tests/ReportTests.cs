using System.Net;
using System.Text.Json;
using DocumentFormat.OpenXml.Packaging;
using DocumentFormat.OpenXml.Validation;
using TumorFunctions.Core.Tests.Reports;

namespace TumorFunctions.Api.Tests;

public sealed class ReportTests(ApiFixture fixture) : IClassFixture<ApiFixture>
{
    private const string Notes = "分割效果良好，建议手术治疗。肿瘤位置在运动皮层附近，需要术中神经导航。";

    [Fact]
    public async Task Metrics_are_those_of_the_mask_in_force()
    {
        var id = await AnalysedAsync();
        using var answer = await fixture.Admin.GetAsync($"/api/analysis/metrics?image_id={id}");
        var metrics = await answer.ReadAsync();
        using var image = await fixture.Admin.GetAsync($"/api/medical/{id}");
        var record = await image.ReadAsync();
        Assert.Equal(record.GetProperty("tumor_volume").GetDouble(), metrics.GetProperty("volume").GetDouble());
        Assert.Equal(record.GetProperty("max_diameter").GetDouble(), metrics.GetProperty("maxDiameter").GetDouble());
        Assert.Equal("mm³", metrics.GetProperty("volume_unit").GetString());
        foreach (var name in new[] { "heterogeneity", "texture_complexity", "vascularization" })
        {
            Assert.InRange(metrics.GetProperty(name).GetDouble(), 0.01, 0.99);
        }

        // A tumour that takes up contrast, by a square inside it.
        using var drawn = await fixture.Admin.PutMaskAsync(id, Phantoms.Png(512, 512, (x, y) => x is > 215 and < 240 && y is > 200 and < 240));
        await drawn.ReadAsync();
        using var again = await fixture.Admin.GetAsync($"/api/analysis/metrics?image_id={id}");
        var own = await again.ReadAsync();
        Assert.Equal("clinician", own.GetProperty("measurements_from").GetString());
        Assert.True(own.GetProperty("vascularization").GetDouble() > metrics.GetProperty("vascularization").GetDouble());
        Assert.True(own.GetProperty("heterogeneity").GetDouble() < metrics.GetProperty("heterogeneity").GetDouble());
    }

    [Fact]
    public async Task What_is_not_measured_is_null_with_a_reason()
    {
        var id = await fixture.Admin.UploadedIdAsync();
        using var answer = await fixture.Admin.GetAsync($"/api/analysis/metrics?image_id={id}");
        var metrics = await answer.ReadAsync();
        foreach (var name in new[] { "volume", "maxDiameter", "heterogeneity", "texture_complexity", "vascularization" })
        {
            Assert.Equal(JsonValueKind.Null, metrics.GetProperty(name).ValueKind);
        }

        Assert.Contains("尚未分析", Assert.Single(metrics.GetProperty("notes").EnumerateArray()).GetString(), StringComparison.Ordinal);

        var scan = await fixture.Admin.UploadedIdAsync(fields: ("modality", "CT"));
        using var drawn = await fixture.Admin.PutMaskAsync(scan, Phantoms.Png(96, 80, (x, y) => x is > 40 and < 60 && y is > 30 and < 50));
        await drawn.ReadAsync();
        using var other = await fixture.Admin.GetAsync($"/api/analysis/metrics?image_id={scan}");
        var measured = await other.ReadAsync();
        Assert.Equal(JsonValueKind.Null, measured.GetProperty("vascularization").ValueKind);
        Assert.Equal(JsonValueKind.Null, measured.GetProperty("volume").ValueKind);
        Assert.Equal(JsonValueKind.Number, measured.GetProperty("heterogeneity").ValueKind);
        Assert.Contains(measured.GetProperty("notes").EnumerateArray(), note => note.GetString()!.Contains("CT", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_report_is_kept_as_sent_beside_what_was_measured()
    {
        var id = await AnalysedAsync();
        var (first, second) = (await SavedAsync(id, "一"), await SavedAsync(id, Notes, new { volume = 15342, heterogeneity = 0.63, 备注 = "手测" }));
        Assert.True(second > first);
        using var answer = await fixture.Admin.GetAsync($"/api/analysis/report/{second}");
        var report = await answer.ReadAsync();
        Assert.Equal(Notes, report.GetProperty("notes").GetString());
        Assert.Equal("李医生", report.GetProperty("doctor_name").GetString());
        Assert.Equal(15342, report.GetProperty("metrics").GetProperty("volume").GetDouble());
        Assert.Equal("手测", report.GetProperty("metrics").GetProperty("备注").GetString());
        Assert.InRange(report.GetProperty("measured").GetProperty("volume").GetDouble(), 1000, 10000);

        using var list = await fixture.Admin.GetAsync($"/api/analysis/reports?image_id={id}&per_page=1");
        var page = await list.ReadAsync();
        Assert.Equal(second, Assert.Single(page.GetProperty("reports").EnumerateArray()).GetProperty("report_id").GetInt32());
        Assert.Equal(2, page.GetProperty("pagination").GetProperty("total").GetInt32());

        using var deleted = await fixture.Admin.DeleteAsync(new Uri($"/api/analysis/report/{second}", UriKind.Relative));
        await deleted.ReadAsync();
        using var gone = await fixture.Admin.GetAsync($"/api/analysis/report/{second}");
        await gone.RefusedAsync(HttpStatusCode.NotFound, "NOT_FOUND");
        using var rest = await fixture.Admin.GetAsync($"/api/analysis/reports?image_id={id}");
        Assert.Equal(first, Assert.Single((await rest.ReadAsync()).GetProperty("reports").EnumerateArray()).GetProperty("report_id").GetInt32());
    }

    [Theory]
    [InlineData("pdf", "application/pdf")]
    [InlineData("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")]
    [InlineData("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")]
    public async Task Exports_hold_what_was_saved_and_change_no_more(string format, string contentType)
    {
        var id = await AnalysedAsync();
        var report = await SavedAsync(id, Notes);
        using var answer = await fixture.Admin.GetAsync($"/api/analysis/export?image_id={id}&fmt={format}");
        var file = await answer.Content.ReadAsByteArrayAsync();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(contentType, answer.Content.Headers.ContentType?.ToString());
        Assert.Equal(
            $"attachment; filename=\"report_{id}.{format}\"", Assert.Single(answer.Content.Headers.GetValues("Content-Disposition")));
        var text = TextOf(format, file);
        foreach (var part in new[] { Notes, "张三", "P001", "45岁", "李医生", "0.49×0.49mm(由用户提供)", "Yolov11_best", "仅供研究使用", $"{report:000000}" })
        {
            Assert.Contains(part, text, StringComparison.Ordinal);
        }

        // What becomes of the image changes nothing in a report that was signed.
        using var renamed = await fixture.Admin.SendJsonAsync(HttpMethod.Put, $"/api/medical/{id}", """{"patient_name":"李四"}""");
        await renamed.ReadAsync();
        using var drawn = await fixture.Admin.PutMaskAsync(id, Phantoms.Png(512, 512, (x, y) => x < 20 && y < 20));
        await drawn.ReadAsync();
        using var again = await fixture.Admin.GetAsync($"/api/analysis/export?image_id={id}&fmt={format}");
        Assert.Equal(file, await again.Content.ReadAsByteArrayAsync());
        using var removed = await fixture.Admin.DeleteAsync(new Uri($"/api/medical/{id}", UriKind.Relative));
        await removed.ReadAsync();
        using var late = await fixture.Admin.GetAsync($"/api/analysis/export?image_id={id}&fmt={format}&report_id={report}");
        Assert.Equal(file, await late.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Volumes_are_shown_on_their_largest_section_with_the_patient_s_directions()
    {
        using var upload = await fixture.Admin.UploadAsync(Phantoms.Nifti(Phantoms.Values((x, y, z) => Phantoms.IsTumour(x, y, z))), "v.nii");
        var id = (await upload.ReadAsync(HttpStatusCode.Created)).GetProperty("image_id").GetInt32();
        var mask = Phantoms.Nifti([.. Phantoms.Values((x, y, z) => Phantoms.IsTumour(x, y, z)).Select(v => v > 100 ? (byte)1 : (byte)0)]);
        using var drawn = await fixture.Admin.PutMaskAsync(id, mask);
        await drawn.ReadAsync();
        using var answer = await fixture.Admin.GetAsync($"/api/analysis/export?image_id={id}&fmt=pdf");
        var pdf = new PdfText(await answer.Content.ReadAsByteArrayAsync());
        var shown = pdf.Pages.SelectMany(page => page).ToList();
        Assert.Contains("原始影像，第 5 / 10 层", shown);
        Assert.All(new[] { "R", "L", "A", "P", "轴位", "各层肿瘤面积" }, text => Assert.Contains(text, shown));
        Assert.Contains("草稿", pdf.Letters, StringComparison.Ordinal);
        Assert.Contains("医生标注", pdf.Letters, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_that_was_not_analysed_has_a_report_that_says_so()
    {
        var id = await fixture.Admin.UploadedIdAsync();
        using var answer = await fixture.Admin.GetAsync($"/api/analysis/export?image_id={id}");
        var text = TextOf("pdf", await answer.Content.ReadAsByteArrayAsync());
        Assert.Contains("未提供", text, StringComparison.Ordinal);
        Assert.Contains("尚未分析", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"notes":"x"}""", "image_id")]
    [InlineData("""{"image_id":"1"}""", "image_id")]
    [InlineData("""{"image_id":ID,"notes":1}""", "notes")]
    [InlineData("""{"image_id":ID,"notes":"\u0000"}""", "notes")]
    [InlineData("""{"image_id":ID,"metrics":[1]}""", "metrics")]
    [InlineData("""{"image_id":ID,"metrics":{"volume":"1"}}""", "volume")]
    [InlineData("""{"image_id":ID,"metrics":{"volume":-1}}""", "volume")]
    [InlineData("""{"image_id":ID,"metrics":{"heterogeneity":1.5}}""", "heterogeneity")]
    [InlineData("""{"image_id":ID,"metrics":{"volume":1e999}}""", "volume")]
    [InlineData("""{"image_id":ID,"metrics":{"x":{"y":1}}}""", "metrics")]
    [InlineData("""{"image_id":ID,"metrics":{"x":"\ud800"}}""", "metrics")]
    [InlineData("""{"image_id":ID,"doctor":"x"}""", "doctor")]
    public async Task Reports_that_are_not_as_the_reference_says_are_refused(string body, string named)
    {
        var id = await fixture.Admin.UploadedIdAsync();
        using var answer = await fixture.Admin.SendJsonAsync(
            HttpMethod.Post, "/api/analysis/report", body.Replace("ID", $"{id}", StringComparison.Ordinal));
        var refusal = await answer.RefusedAsync(HttpStatusCode.BadRequest, "VALIDATION_ERROR");
        Assert.Contains(named, refusal.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("image_id=0", HttpStatusCode.BadRequest)]
    [InlineData("fmt=pdf", HttpStatusCode.BadRequest)]
    [InlineData("image_id=ID&fmt=odt", HttpStatusCode.BadRequest)]
    [InlineData("image_id=ID&report_id=x", HttpStatusCode.BadRequest)]
    [InlineData("image_id=999999", HttpStatusCode.NotFound)]
    [InlineData("image_id=ID&report_id=999999", HttpStatusCode.NotFound)]
    public async Task Exports_of_what_is_not_there_are_refused(string query, HttpStatusCode expected)
    {
        var id = await fixture.Admin.UploadedIdAsync();
        using var answer = await fixture.Admin.GetAsync($"/api/analysis/export?{query.Replace("ID", $"{id}", StringComparison.Ordinal)}");
        await answer.RefusedAsync(expected);
    }

    [Fact]
    public async Task Doctors_have_their_own_reports_and_administrators_all()
    {
        using var one = await RegisterAsync(fixture.Api, "reporter1");
        using var two = await RegisterAsync(fixture.Api, "reporter2");
        var id = await fixture.Admin.UploadedIdAsync();
        using var saved = await one.PostAsync("/api/analysis/report", new { image_id = id, notes = "秘密" });
        var report = (await saved.ReadAsync(HttpStatusCode.Created)).GetProperty("report_id").GetInt32();
        using var own = await one.GetAsync($"/api/analysis/report/{report}");
        Assert.Equal("reporter1", (await own.ReadAsync()).GetProperty("doctor_name").GetString());
        foreach (var path in new[] { $"/api/analysis/report/{report}", $"/api/analysis/export?image_id={id}&report_id={report}" })
        {
            using var foreign = await two.GetAsync(path);
            await foreign.RefusedAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
            using var all = await fixture.Admin.GetAsync(path);
            Assert.Equal(HttpStatusCode.OK, all.StatusCode);
        }

        using var delete = await two.DeleteAsync(new Uri($"/api/analysis/report/{report}", UriKind.Relative));
        await delete.RefusedAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
        using var list = await two.GetAsync($"/api/analysis/reports?image_id={id}");
        Assert.Equal(0, (await list.ReadAsync()).GetProperty("reports").GetArrayLength());
        using var draft = await two.GetAsync($"/api/analysis/export?image_id={id}");
        Assert.DoesNotContain("秘密", TextOf("pdf", await draft.Content.ReadAsByteArrayAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Technicians_see_metrics_but_no_reports()
    {
        await using var api = await ApiProcess.StartAsync(new() { ["Auth__SelfRegistrationRole"] = "technician" });
        using var technician = await RegisterAsync(api, "technician");
        var id = await technician.UploadedIdAsync();
        using var metrics = await technician.GetAsync($"/api/analysis/metrics?image_id={id}");
        await metrics.ReadAsync();
        using var save = await technician.PostAsync("/api/analysis/report", new { image_id = id });
        await save.RefusedAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
        using var export = await technician.GetAsync($"/api/analysis/export?image_id={id}");
        await export.RefusedAsync(HttpStatusCode.Forbidden, "FORBIDDEN");
        using var nobody = await api.Anonymous().GetAsync($"/api/analysis/metrics?image_id={id}");
        await nobody.RefusedAsync(HttpStatusCode.Unauthorized, "MISSING_TOKEN");
    }

    private static string TextOf(string format, byte[] file)
    {
        if (format == "pdf")
        {
            return new PdfText(file).Letters;
        }

        using OpenXmlPackage package = format == "docx"
            ? WordprocessingDocument.Open(new MemoryStream(file), false)
            : SpreadsheetDocument.Open(new MemoryStream(file), false);
        Assert.Empty(new OpenXmlValidator().Validate(package).Select(error => $"{error.Path?.XPath}: {error.Description}"));
        return PdfText.Squeeze(package switch
        {
            WordprocessingDocument document => document.MainDocumentPart!.Document!.InnerText
                + document.MainDocumentPart.HeaderParts.Single().Header!.InnerText
                + document.MainDocumentPart.FooterParts.Single().Footer!.InnerText,
            SpreadsheetDocument workbook => string.Concat(workbook.WorkbookPart!.WorksheetParts.Select(part => part.Worksheet!.InnerText)),
            _ => string.Empty,
        });
    }

    private async Task<int> AnalysedAsync()
    {
        using var upload = await fixture.Admin.UploadAsync(
            await File.ReadAllBytesAsync(Requests.SamplePath),
            "patient_scan.png",
            ("patient_id", "P001"),
            ("patient_name", "张三"),
            ("age", "45"),
            ("modality", "MRI"),
            ("pixel_spacing", "0.49"),
            ("slice_thickness", "6"));
        var id = (await upload.ReadAsync(HttpStatusCode.Created)).GetProperty("image_id").GetInt32();
        using var analysis = await fixture.Admin.PostAsync($"/api/results/analyze/{id}");
        Assert.True((await analysis.ReadAsync()).GetProperty("tumor_detected").GetBoolean());
        return id;
    }

    private async Task<int> SavedAsync(int imageId, string notes, object? metrics = null)
    {
        using var answer = await fixture.Admin.PostAsync(
            "/api/analysis/report", new { image_id = imageId, notes, doctor_name = "李医生", metrics });
        var saved = await answer.ReadAsync(HttpStatusCode.Created);
        Assert.Equal("报告保存成功", saved.GetProperty("message").GetString());
        return saved.GetProperty("report_id").GetInt32();
    }

    private static async Task<HttpClient> RegisterAsync(ApiProcess api, string name)
    {
        using var client = api.Anonymous();
        using var answer = await client.PostAsync(
            "/api/auth/register", new { username = name, email = $"{name}@example.com", password = "SecurePass123" });
        await answer.ReadAsync(HttpStatusCode.Created);
        return await api.LogInAsync(name, "SecurePass123");
    }
}
