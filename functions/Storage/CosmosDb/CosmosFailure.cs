using System.Globalization;
using System.Net;
using Microsoft.Azure.Cosmos;

namespace TumorFunctions.Storage.CosmosDb;

/// <summary>The service's refusals in the words of the store.</summary>
internal static class CosmosFailure
{
    private const string ContainerMissing = "1003";

    /// <summary>Throws where the answer is not one of success, for the statuses that mean the same everywhere.</summary>
    public static void ThrowUnlessSuccess(ResponseMessage answer, DocumentAddress address)
    {
        if (!answer.IsSuccessStatusCode)
            throw Of(answer.StatusCode, answer.Headers, answer.ErrorMessage, address);
    }

    public static Exception Of(HttpStatusCode status, Headers headers, string? message, DocumentAddress address) => status switch
    {
        HttpStatusCode.NotFound when IsContainerMissing(headers) => new InvalidOperationException(
            $"Cosmos DB has no container '{address.Container}' in the database that Cosmos__Database names."),
        HttpStatusCode.NotFound => new DocumentNotFoundException(address),
        HttpStatusCode.Conflict => new DocumentConflictException(address),
        HttpStatusCode.PreconditionFailed => new DocumentPreconditionException(address),
        HttpStatusCode.RequestEntityTooLarge => new StorageTooLargeException(
            $"Document {address.Container}/{address.PartitionKey}/{address.Id} is larger than Cosmos DB takes ({CosmosItem.MaxLength} bytes)."),
        _ when IsUnavailable(status) => new StorageUnavailableException(
            $"Cosmos DB answered {(int)status} for {address.Container}/{address.PartitionKey}/{address.Id}.", RetryAfter(headers)),
        _ => new InvalidOperationException($"Cosmos DB answered {(int)status}: {message}"),
    };

    public static bool IsContainerMissing(Headers headers) => headers.TryGetValue("x-ms-substatus", out var text) && text == ContainerMissing;

    /// <summary>Runs calls of the SDK, whose own exceptions come where no answer did.</summary>
    public static async Task<T> CallAsync<T>(Func<Task<T>> call, DocumentAddress address, CancellationToken cancellationToken)
    {
        try
        {
            return await call().ConfigureAwait(false);
        }
        catch (CosmosException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw IsUnavailable(failure.StatusCode)
                ? new StorageUnavailableException(
                    $"Cosmos DB answered {(int)failure.StatusCode} for {address.Container}/{address.PartitionKey}/{address.Id}.",
                    failure.RetryAfter ?? RetryAfter(failure.Headers),
                    failure)
                : Of(failure.StatusCode, failure.Headers, failure.Message, address);
        }
        catch (HttpRequestException failure)
        {
            throw new StorageUnavailableException($"Cosmos DB cannot be reached: {failure.Message}", inner: failure);
        }
        catch (OperationCanceledException failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StorageUnavailableException("Cosmos DB did not answer in time.", inner: failure);
        }
    }

    private static bool IsUnavailable(HttpStatusCode status) =>
        (int)status is 408 or 410 or 429 or 449 or >= 500;

    private static TimeSpan? RetryAfter(Headers headers) =>
        headers.TryGetValue("x-ms-retry-after-ms", out var text)
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var milliseconds)
                ? TimeSpan.FromMilliseconds(milliseconds)
                : null;
}
