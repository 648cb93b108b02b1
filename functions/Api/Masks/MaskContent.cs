using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;

namespace TumorFunctions.Api.Masks;

/// <summary>
/// A mask as a file, with its version as the ETag and whose it is in <c>X-Mask-Source</c>; conditional and range requests are
/// answered (RFC 9110). Closes the stream when sent.
/// </summary>
public sealed class MaskContent(MeasuredMask mask, Stream content, string contentType, string fileName) : IActionResult
{
    /// <summary>Of a PNG the slice that it shows, told in <c>X-Mask-Slice</c>.</summary>
    public int? Slice { get; init; }

    public async Task ExecuteResultAsync(ActionContext context)
    {
        var http = context.HttpContext;
        var headers = http.Response.Headers;
        headers["X-Mask-Source"] = mask.Source;
        headers.XContentTypeOptions = "nosniff";
        headers.CacheControl = "private, no-cache";
        if (Slice is { } slice)
        {
            headers["X-Mask-Slice"] = slice.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        await using (content)
        {
            await TypedResults.Stream(
                content,
                contentType,
                fileName,
                mask.MeasuredAt,
                new EntityTagHeaderValue($"\"{mask.Version}\""),
                enableRangeProcessing: true).ExecuteAsync(http);
        }
    }
}
