using Microsoft.AspNetCore.Http;
using TumorFunctions.Api.Http;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Inbox;

public sealed record QuarantineItem(
    string Id, string Filename, long Size, string Code, string Error, string? Message, string CorrelationId, DateTimeOffset QuarantinedAt);

public sealed record QuarantineListAnswer(IReadOnlyList<QuarantineItem> Items, Pagination Pagination);

/// <summary>The files that the inbox put aside, for administrators.</summary>
public sealed class QuarantineService(InboxStore store, IBlobStore blobs)
{
    private const int DefaultPageSize = 20;

    public async Task<QuarantineListAnswer> ListAsync(HttpRequest request)
    {
        var page = Page.From(request, DefaultPageSize);
        var (records, total) = await store.ListAsideAsync(page, request.HttpContext.RequestAborted);
        return new QuarantineListAnswer(
            [.. records.Select(record => new QuarantineItem(
                record.QuarantineId, record.Name, record.Size, record.Code, record.Error, record.Message, record.CorrelationId,
                record.QuarantinedAt))],
            page.Describe(total));
    }

    /// <summary>Puts a file back into the inbox, to be tried anew.</summary>
    /// <exception cref="StateConflictException">There is a file of its name in the inbox.</exception>
    public async Task<MessageAnswer> RetryAsync(string id, CancellationToken cancellationToken)
    {
        var record = await FindAsync(id, cancellationToken);
        await store.DropReceiptAsync(id, cancellationToken);
        try
        {
            await using var content = await blobs.OpenReadAsync(AddressOf(id), cancellationToken);
            await blobs.WriteAsync(
                new BlobAddress(InboxStore.BlobContainer, record.Name),
                content.Stream,
                new BlobWriteOptions { ContentType = content.Properties.ContentType, Metadata = content.Properties.Metadata },
                cancellationToken);
        }
        catch (BlobConflictException)
        {
            throw new StateConflictException("CONFLICT", "收件箱中已有同名文件", "请等待该文件处理完毕后重试");
        }
        catch (BlobNotFoundException)
        {
            throw new NotFoundException("隔离文件不存在");
        }

        await RemoveAsync(id, cancellationToken);
        return new MessageAnswer("文件已放回收件箱，将重新处理");
    }

    public async Task<MessageAnswer> DeleteAsync(string id, CancellationToken cancellationToken)
    {
        await FindAsync(id, cancellationToken);
        await store.DropReceiptAsync(id, cancellationToken);
        await RemoveAsync(id, cancellationToken);
        return new MessageAnswer("隔离文件删除成功");
    }

    private async Task RemoveAsync(string id, CancellationToken cancellationToken)
    {
        await blobs.DeleteAsync(AddressOf(id), cancellationToken);
        await store.ForgetAsideAsync(id, cancellationToken);
    }

    private async Task<QuarantineRecord> FindAsync(string id, CancellationToken cancellationToken) =>
        (id.Length == 64 && id.All(char.IsAsciiHexDigitLower) ? await store.FindAsideAsync(id, cancellationToken) : null)
        ?? throw new NotFoundException("隔离文件不存在");

    private static BlobAddress AddressOf(string id) => new(InboxStore.QuarantineBlobs, id);
}
