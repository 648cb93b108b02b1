using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TumorFunctions.Api.Audit;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;
using TumorFunctions.Api.Segmentation;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Inbox;

/// <summary>
/// Makes an image of each file in the inbox and starts its analysis. Called at least once a file; a receipt for each name and content
/// fixes the image's id and the job, so that the work can break off anywhere and be begun anew.
/// </summary>
public sealed class InboxService(
    IBlobStore blobs,
    InboxStore store,
    ImageStore images,
    UploadService uploads,
    JobStarter jobs,
    AuditLog audit,
    IOptions<InboxOptions> options,
    TimeProvider time,
    ILogger<InboxService> logger)
{
    public async Task TakeAsync(string name, DurableTaskClient client, string correlationId, CancellationToken cancellationToken)
    {
        var address = new BlobAddress(InboxStore.BlobContainer, name);
        if (await blobs.GetPropertiesAsync(address, cancellationToken) is not { } blob)
        {
            return;
        }

        var receiptId = await IdentifyAsync(address, cancellationToken);
        var receipt = await BeginAsync(receiptId, cancellationToken);
        try
        {
            if (receipt.Starts > options.Value.MaxStarts)
            {
                throw new InterruptedIntakeException(receipt.Starts - 1);
            }

            await AdmitAsync(blob, receipt, client, correlationId, cancellationToken);
        }
        catch (Exception exception) when (exception is not (StorageException or OperationCanceledException)
            && ErrorMiddleware.AsApiException(exception) is { } reason)
        {
            await PutAsideAsync(blob, receiptId, reason, correlationId, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            var failed = await store.ChangeReceiptAsync(
                receiptId, known => known with { Failures = known.Failures + 1 }, cancellationToken);
            logger.IntakeFailed(exception, receiptId, failed?.Failures ?? 1, correlationId);
            if (failed is null || failed.Failures < options.Value.MaxFailures)
            {
                throw;
            }

            await PutAsideAsync(blob, receiptId, new FailedIntakeException(correlationId), correlationId, cancellationToken);
        }

        await DeleteSeenAsync(blob, cancellationToken);
    }

    private async Task AdmitAsync(
        BlobProperties blob, InboxReceipt receipt, DurableTaskClient client, string correlationId, CancellationToken cancellationToken)
    {
        var facts = InboxFacts.TicketOf(blob.Address.Name) is { } ticketId
            && await store.FindTicketAsync(ticketId, cancellationToken) is { } ticket && ticket.BlobName == blob.Address.Name
                ? InboxFacts.Of(ticket)
                : InboxFacts.Of(blob);
        var image = (await images.FindAsync(receipt.ImageId, cancellationToken))?.Value;
        if (image is null && receipt.JobId is not null)
        {
            // It was deleted since; a file that is brought again is meant to be an image again.
            var imageId = await images.NextIdAsync(cancellationToken);
            receipt = await store.ChangeReceiptAsync(
                receipt.ReceiptId,
                known => known.JobId == receipt.JobId ? known with { ImageId = imageId, JobId = null } : known,
                cancellationToken) ?? receipt;
            image = (await images.FindAsync(receipt.ImageId, cancellationToken))?.Value;
        }

        if (image is null)
        {
            await using var content = await blobs.OpenReadAsync(blob.Address, cancellationToken);
            image = await uploads.AdmitAsync(
                new Admission(receipt.ImageId, facts.Filename, facts.Facts, facts.Diagnosis, facts.UploadedBy, options.Value.MaxBytes),
                content.Stream,
                cancellationToken);
        }

        if (receipt.JobId is null)
        {
            // Perhaps twice for a file whose work broke off here, never not at all.
            await audit.WriteAsync(new AuditEvent(
                facts.UploadedBy,
                "",
                "image.upload",
                image.ImageId.ToString(CultureInfo.InvariantCulture),
                [new AuditChange("patient_id", null, image.PatientId)],
                correlationId));
            var run = $"inbox {receipt.ReceiptId} {receipt.ImageId}";
            var job = await jobs.StartAsync(
                new JobRequest([image], null, null, facts.UploadedBy, run, run, correlationId), client, cancellationToken);
            await store.ChangeReceiptAsync(receipt.ReceiptId, known => known with { JobId = job.JobId }, cancellationToken);
        }

        logger.IntakeDone(receipt.ReceiptId, image.ImageId, correlationId);
    }

    /// <summary>The content, then the document, then the file leaves the inbox: whatever is cut off there is done again.</summary>
    private async Task PutAsideAsync(
        BlobProperties blob, string receiptId, ApiException reason, string correlationId, CancellationToken cancellationToken)
    {
        try
        {
            await using var content = await blobs.OpenReadAsync(blob.Address, cancellationToken);
            await blobs.WriteAsync(
                new BlobAddress(InboxStore.QuarantineBlobs, receiptId),
                content.Stream,
                new BlobWriteOptions { ContentType = blob.ContentType, Metadata = blob.Metadata, Overwrite = true },
                cancellationToken);
        }
        catch (BlobNotFoundException)
        {
            return;
        }

        await store.PutAsideAsync(
            new QuarantineRecord
            {
                QuarantineId = receiptId,
                Name = blob.Address.Name,
                Size = blob.Length,
                Code = reason.Code,
                Error = reason.Error,
                Message = reason.Detail,
                CorrelationId = correlationId,
                QuarantinedAt = time.GetUtcNow(),
            },
            cancellationToken);
        logger.FileQuarantined(receiptId, reason.Code, correlationId);
    }

    /// <summary>A receipt's id: SHA-256 over name and content.</summary>
    private async Task<string> IdentifyAsync(BlobAddress address, CancellationToken cancellationToken)
    {
        await using var content = await blobs.OpenReadAsync(address, cancellationToken);
        var hash = await SHA256.HashDataAsync(content.Stream, cancellationToken);
        return Convert.ToHexStringLower(SHA256.HashData([.. hash, .. Encoding.UTF8.GetBytes(address.Name)]));
    }

    private async Task<InboxReceipt> BeginAsync(string receiptId, CancellationToken cancellationToken)
    {
        if (await store.FindReceiptAsync(receiptId, cancellationToken) is null)
        {
            var imageId = await images.NextIdAsync(cancellationToken);
            await store.AddReceiptAsync(new InboxReceipt { ReceiptId = receiptId, ImageId = imageId }, cancellationToken);
        }

        return await store.ChangeReceiptAsync(
            receiptId, known => known with { Starts = known.Starts + 1 }, cancellationToken)
            ?? throw new InvalidOperationException("The receipt was deleted while its file was taken in.");
    }

    // A version that came meanwhile is a file of its own and stays.
    private async Task DeleteSeenAsync(BlobProperties blob, CancellationToken cancellationToken)
    {
        if ((await blobs.GetPropertiesAsync(blob.Address, cancellationToken))?.ETag == blob.ETag)
        {
            await blobs.DeleteAsync(blob.Address, cancellationToken);
        }
    }
}

/// <summary>The process ended every time that the file was taken up.</summary>
public sealed class InterruptedIntakeException(int times)
    : ApiException(500, "INTERRUPTED", "文件处理多次中断", $"处理该文件时进程中断了 {times} 次");

/// <summary>A file failed again and again for no reason of its own.</summary>
public sealed class FailedIntakeException(string correlationId)
    : ApiException(500, "INTERNAL_ERROR", "服务器内部错误", $"请联系管理员并提供编号 {correlationId}");
