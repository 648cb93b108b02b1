using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;
using TumorFunctions.Core.Reports;

namespace TumorFunctions.Api.Reports;

/// <summary>Reports as files. Where an image has none yet, a draft of what a report would say now.</summary>
public sealed class ReportExport(
    ImageService images, ReportService reports, ReportStore store, ReportSnapshots snapshots, ILogger<ReportExport> logger)
{
    private static readonly Dictionary<string, ReportFormat> Formats = new()
    {
        ["pdf"] = new("application/pdf", PdfReportWriter.Write),
        ["docx"] = new("application/vnd.openxmlformats-officedocument.wordprocessingml.document", DocxReportWriter.Write),
        ["xlsx"] = new("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", XlsxReportWriter.Write),
    };

    public async Task<FileAnswer> ExportAsync(HttpRequest request, Caller caller)
    {
        var clock = Stopwatch.StartNew();
        var query = RequestFields.FromQuery(request, "image_id", "fmt", "report_id");
        var imageId = query.WholeNumber("image_id", 1, int.MaxValue) ?? throw new ValidationException("缺少参数 image_id");
        var reportId = query.WholeNumber("report_id", 1, int.MaxValue);
        var name = query.Text("fmt")?.ToLowerInvariant() ?? "pdf";
        if (!Formats.TryGetValue(name, out var format))
        {
            throw new ValidationException("不支持的导出格式", $"参数 fmt 必须是 {string.Join("、", Formats.Keys)} 之一");
        }

        var document = await ComposeAsync(imageId, reportId, caller, request.HttpContext.RequestAborted);
        var file = new MemoryStream();
        format.Write(file, document);
        file.Position = 0;
        logger.ReportExported(imageId, name, file.Length, clock.ElapsedMilliseconds);
        return new FileAnswer(file, format.ContentType, $"report_{imageId}.{name}");
    }

    private async Task<ReportDocument> ComposeAsync(int imageId, int? reportId, Caller caller, CancellationToken cancellationToken)
    {
        var report = reportId is { } id
            ? await reports.FindOwnAsync(id, caller, cancellationToken)
            : await reports.FindNewestAsync(imageId, caller, cancellationToken);
        if (report is null)
        {
            var image = (await images.FindVisibleAsync(imageId, caller, cancellationToken)).Value;
            var (snapshot, pixels) = await snapshots.TakeAsync(image, cancellationToken);
            return ReportComposer.Draft(imageId, snapshot, pixels, image.UpdatedAt);
        }

        return report.ImageId == imageId
            ? ReportComposer.Compose(report, await store.ReadSliceAsync(report, cancellationToken))
            : throw new NotFoundException("该影像没有此报告");
    }

    private sealed record ReportFormat(string ContentType, Action<Stream, ReportDocument> Write);
}

/// <summary>A file to be saved under a name; closed when sent.</summary>
public sealed class FileAnswer(Stream content, string contentType, string fileName) : IActionResult
{
    public async Task ExecuteResultAsync(ActionContext context)
    {
        var response = context.HttpContext.Response;
        response.ContentType = contentType;
        response.ContentLength = content.Length;
        response.Headers.ContentDisposition = $"attachment; filename=\"{fileName}\"";
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.CacheControl = "private, no-store";
        await using (content)
        {
            await content.CopyToAsync(response.Body, context.HttpContext.RequestAborted);
        }
    }
}
