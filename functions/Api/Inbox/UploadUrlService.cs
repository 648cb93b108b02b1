using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using TumorFunctions.Api.Audit;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Inbox;

/// <param name="UploadUrl">Takes the file by PUT, whole or in blocks; see README.</param>
/// <param name="BlobName">Name of the file in the inbox.</param>
public sealed record UploadUrlAnswer(
    string UploadUrl, string Method, IReadOnlyDictionary<string, string> Headers, DateTimeOffset ExpiresAt, string BlobName, long MaxBytes);

/// <summary>Hands out addresses for files that are too large for a form; what lands there is taken in by the inbox.</summary>
public sealed class UploadUrlService(InboxStore store, IUploadUrls urls, IOptions<InboxOptions> options, TimeProvider time)
{
    private static readonly string[] Fields = ["filename", "size", .. ImageFields.Uploadable];

    public async Task<UploadUrlAnswer> CreateAsync(HttpRequest request, Caller caller)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        var fields = await RequestFields.ReadJsonAsync(request, Fields);
        var filename = fields.Text("filename", 255) ?? throw new ValidationException("缺少字段 filename");
        var size = fields.Number("size", 1, 1e15) ?? throw new ValidationException("缺少字段 size", "文件大小，单位为字节");
        if (size != Math.Floor(size))
        {
            throw new ValidationException("字段 size 必须是整数");
        }

        if (size > options.Value.MaxBytes)
        {
            throw new TooLargeException($"文件超过 {options.Value.MaxBytes / (1024 * 1024)} MB 的上限");
        }

        var facts = ImageFields.ReadFacts(fields, new ImageFacts());
        var diagnosis = fields.Text("diagnosis", 2000);
        var ticketId = Guid.NewGuid().ToString("N");
        var blobName = $"{InboxFacts.TicketFolder}{ticketId}/{UploadNames.Clean(filename)}";
        var lifetime = TimeSpan.FromSeconds(options.Value.UploadUrlSeconds);
        var expires = time.GetUtcNow() + lifetime;
        await store.KeepTicketAsync(
            ticketId,
            new InboxTicket(
                blobName, filename, (long)size, facts, diagnosis, caller.UserId, expires, expires.ToUnixTimeMilliseconds()),
            cancellationToken);
        var url = await urls.CreateAsync(
            new BlobAddress(InboxStore.BlobContainer, blobName), "application/octet-stream", (long)size, lifetime, cancellationToken);
        AuditTrail.Of(request).Note(blobName, ("patient_id", null, facts.PatientId));
        return new UploadUrlAnswer(url.Url.ToString(), url.Method, url.Headers, url.ExpiresAt, blobName, (long)size);
    }
}
