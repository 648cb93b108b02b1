using Azure;
using Azure.Storage.Blobs.Models;

namespace TumorFunctions.Storage.AzureBlobs;

/// <summary>The service's refusals in the words of the store.</summary>
internal static class AzureBlobFailure
{
    public static bool IsContainerMissing(RequestFailedException failure) =>
        failure.ErrorCode == BlobErrorCode.ContainerNotFound;

    /// <summary>What to throw instead of a failed write; null where the failure is none that a caller can answer to.</summary>
    public static StorageException? OfWrite(Exception failure, BlobAddress address, BlobWriteOptions options)
    {
        if (failure is not RequestFailedException refused)
            return Unavailable(failure, address);

        // A commit drops the blocks that other writers have put up for the same blob and not yet committed.
        if (refused.ErrorCode == BlobErrorCode.InvalidBlockList && options is { Overwrite: true, IfMatch: null })
        {
            return new StorageUnavailableException(
                $"Another write of blob {address.Container}/{address.Name} finished while this one was under way; repeat it.", inner: refused);
        }

        var lost = refused.Status == 412
            || refused.ErrorCode == BlobErrorCode.BlobAlreadyExists
            || refused.ErrorCode == BlobErrorCode.InvalidBlockList
            || (options.IfMatch is not null && refused.Status == 404);
        if (!lost)
            return Unavailable(failure, address);
        return options.IfMatch is null ? new BlobConflictException(address) : new BlobPreconditionException(address);
    }

    /// <summary>What to throw instead of a failed read.</summary>
    public static StorageException? OfRead(Exception failure, BlobAddress address) => failure switch
    {
        RequestFailedException { Status: 404 } => new BlobNotFoundException(address),
        RequestFailedException { Status: 412 } => new BlobPreconditionException(address),
        _ => Unavailable(failure, address),
    };

    /// <summary>The failure as one of an absent service, or null for another.</summary>
    public static StorageUnavailableException? Unavailable(Exception failure, BlobAddress address)
    {
        var (refused, unavailable) = failure switch
        {
            RequestFailedException { Status: 0 or 408 or 429 or >= 500 } one => (one, true),
            RequestFailedException one => (one, one.ErrorCode == BlobErrorCode.ContainerBeingDeleted),
            // The SDK's way of saying that every retry failed before an answer came.
            AggregateException all => (all.InnerExceptions.OfType<RequestFailedException>().LastOrDefault(), true),
            _ => (null, false),
        };
        if (!unavailable)
            return null;

        var status = refused is { Status: > 0 } ? $"answered {refused.Status} ({refused.ErrorCode})" : "did not answer";
        return new StorageUnavailableException(
            $"The blob service {status} for {address.Container}/{address.Name}.", RetryAfter(refused), failure);
    }

    private static TimeSpan? RetryAfter(RequestFailedException? refused) =>
        refused?.GetRawResponse() is { } response
            && response.Headers.TryGetValue("Retry-After", out var text)
            && int.TryParse(text, out var seconds)
                ? TimeSpan.FromSeconds(seconds)
                : null;
}
