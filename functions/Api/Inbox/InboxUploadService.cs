using System.Collections.Concurrent;
using System.Xml;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using TumorFunctions.Api.Hosting;
using TumorFunctions.Api.Http;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Inbox;

/// <summary>
/// Takes uploads for the embedded store as Azure Blob Storage takes them under a write-only SAS: a PUT of the whole content, or PUTs of
/// blocks (<c>?comp=block&amp;blockid=</c>) and of their list (<c>?comp=blocklist</c>). A client may instead send ranges one after the
/// other (<c>Content-Range: bytes 0-99/500</c>): 308 tells by <c>Range</c> how much has come, 201 that all has.
/// </summary>
public sealed class InboxUploadService(
    UploadTokens tokens, IBlobStore blobs, IOptions<StorageOptions> storage, TimeProvider time, ILogger<InboxUploadService> logger)
{
    private const int MaxListBytes = 8 << 20;
    private const int MaxBlockIdLength = 64;
    private static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    private readonly ConcurrentDictionary<string, bool> _committing = new(StringComparer.Ordinal);

    private string Root => Path.Combine(Path.GetFullPath(storage.Value.DataFolder), "inbox-uploads");

    public async Task<IActionResult> PutAsync(string token, HttpRequest request)
    {
        if (!tokens.TryRead(token, out var grant))
        {
            throw new ForbiddenException("上传链接无效或已过期，请重新申请");
        }

        var folder = new BlockFolder(Root, token, grant.MaxBytes);
        if (folder.IsDone)
        {
            // An answer that got lost, or a second file under a URL that is used up: the first one stands.
            return new StatusCodeResult(StatusCodes.Status201Created);
        }

        var cancellationToken = request.HttpContext.RequestAborted;
        switch (request.Query["comp"].ToString())
        {
            case "block":
                await folder.WriteAsync(BlockIdOf(request.Query["blockid"].ToString()), request.Body, cancellationToken);
                return new StatusCodeResult(StatusCodes.Status201Created);
            case "blocklist":
                var ids = await ReadListAsync(request, cancellationToken);
                return await CommitAsync(grant, token, folder, () => folder.Open(ids), cancellationToken);
            case "":
                return request.Headers.ContentRange.Count > 0
                    ? await PutRangeAsync(grant, token, folder, request)
                    : await CommitAsync(grant, token, folder, () => request.Body, cancellationToken);
            default:
                throw new ValidationException("参数 comp 必须是 block 或 blocklist");
        }
    }

    /// <summary>Deletes what was begun and not gone on with; returns how many uploads.</summary>
    public int Sweep() => BlockFolder.Sweep(Root, time.GetUtcNow() - Patience);

    private async Task<IActionResult> PutRangeAsync(UploadGrant grant, string token, BlockFolder folder, HttpRequest request)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        if (!ContentRangeHeaderValue.TryParse(request.Headers.ContentRange.ToString(), out var range)
            || range.Unit != "bytes" || range.Length is not { } total)
        {
            throw new ValidationException("请求头 Content-Range 必须是 bytes 起始-结束/总长 或 bytes */总长");
        }

        if (total > grant.MaxBytes)
        {
            throw BlockFolder.TooLarge(grant.MaxBytes);
        }

        if (!_committing.TryAdd(token, true))
        {
            throw new StateConflictException("UPLOAD_IN_PROGRESS", "该上传正在进行", "请等待上一个请求结束后重试");
        }

        try
        {
            if (range.From is { } from)
            {
                if (from != folder.RangeLength)
                {
                    return Incomplete(request, folder.RangeLength);
                }

                var length = range.To!.Value - from + 1;
                await folder.AppendAsync(
                    new LimitedStream(request.Body, length, () => new ValidationException("请求体比 Content-Range 所述更长")),
                    cancellationToken);
            }
        }
        finally
        {
            _committing.TryRemove(token, out _);
        }

        return folder.RangeLength < total
            ? Incomplete(request, folder.RangeLength)
            : await CommitAsync(grant, token, folder, folder.OpenRange, cancellationToken);
    }

    private static StatusCodeResult Incomplete(HttpRequest request, long length)
    {
        if (length > 0)
        {
            request.HttpContext.Response.Headers.Range = $"bytes=0-{length - 1}";
        }

        return new StatusCodeResult(StatusCodes.Status308PermanentRedirect);
    }

    private async Task<IActionResult> CommitAsync(
        UploadGrant grant, string token, BlockFolder folder, Func<Stream> open, CancellationToken cancellationToken)
    {
        if (!_committing.TryAdd(token, true))
        {
            throw new StateConflictException("UPLOAD_IN_PROGRESS", "该上传正在进行", "请等待上一个请求结束后重试");
        }

        try
        {
            await using var content = open();
            var blob = await blobs.WriteAsync(
                grant.Address,
                new LimitedStream(content, grant.MaxBytes, () => BlockFolder.TooLarge(grant.MaxBytes)),
                new BlobWriteOptions { ContentType = grant.ContentType, Overwrite = true },
                cancellationToken);
            folder.Finish();
            logger.InboxUploadDone(InboxFacts.TicketOf(grant.Name) ?? "", blob.Length);
            return new StatusCodeResult(StatusCodes.Status201Created);
        }
        finally
        {
            _committing.TryRemove(token, out _);
        }
    }

    private static string BlockIdOf(string blockId) => blockId.Length is > 0 and <= MaxBlockIdLength * 4 / 3
        && Convert.TryFromBase64String(blockId, new byte[MaxBlockIdLength + 3], out var length) && length is > 0 and <= MaxBlockIdLength
            ? blockId
            : throw new ValidationException($"参数 blockid 必须是不超过 {MaxBlockIdLength} 字节的 base64 文本");

    private static async Task<IReadOnlyList<string>> ReadListAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        await new LimitedStream(request.Body, MaxListBytes, () => new TooLargeException($"数据块列表超过 {MaxListBytes >> 20} MB"))
            .CopyToAsync(body, cancellationToken);
        body.Position = 0;
        try
        {
            var settings = new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, IgnoreWhitespace = true, IgnoreComments = true };
            using var reader = XmlReader.Create(body, settings);
            List<string> ids = [];
            reader.ReadStartElement("BlockList");
            while (reader.NodeType == XmlNodeType.Element)
            {
                ids.Add(reader.Name is "Latest" or "Uncommitted"
                    ? BlockIdOf(reader.ReadElementContentAsString().Trim())
                    : throw new ValidationException("数据块列表只能包含 Latest 或 Uncommitted"));
            }

            return ids.Count > 0 ? ids : throw new ValidationException("数据块列表为空");
        }
        catch (XmlException exception)
        {
            throw new MalformedBodyException("数据块列表不是有效的 XML", exception);
        }
    }
}
