using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Http;

/// <summary>A blob as the answer, with ETag, conditional and range requests (RFC 9110, 13 and 14); closes the blob when sent.</summary>
public sealed class BlobAnswer(BlobContent blob) : IActionResult
{
    public async Task ExecuteResultAsync(ActionContext context)
    {
        var http = context.HttpContext;
        http.Response.Headers.XContentTypeOptions = "nosniff";
        http.Response.Headers.CacheControl = "private, no-cache";
        await using (blob)
        {
            await TypedResults.Stream(
                blob.Stream,
                blob.Properties.ContentType,
                lastModified: blob.Properties.LastModified,
                entityTag: new EntityTagHeaderValue($"\"{blob.Properties.ETag.Trim('"')}\""),
                enableRangeProcessing: true).ExecuteAsync(http);
        }
    }
}
