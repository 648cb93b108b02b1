using Azure.Storage.Blobs;

namespace TumorFunctions.Storage.AzureBlobs;

/// <summary>The sum of all blobs of an account: one sum at a time, kept until it is too old.</summary>
internal sealed class AzureBlobCapacity(BlobServiceClient service, TimeSpan age, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _summing = new(1);
    private BlobStoreCapacity? _sum;
    private DateTimeOffset _summedAt;

    public async Task<BlobStoreCapacity> GetAsync(CancellationToken cancellationToken)
    {
        await _summing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_sum is null || time.GetUtcNow() - _summedAt >= age)
            {
                _sum = new BlobStoreCapacity(await SumAsync(cancellationToken).ConfigureAwait(false), TotalBytes: null);
                _summedAt = time.GetUtcNow();
            }

            return _sum;
        }
        catch (Exception failure) when (AzureBlobFailure.Unavailable(failure, new BlobAddress("*", "*")) is { } refusal)
        {
            throw refusal;
        }
        finally
        {
            _summing.Release();
        }
    }

    public void Dispose() => _summing.Dispose();

    private async Task<long> SumAsync(CancellationToken cancellationToken)
    {
        var sum = 0L;
        await foreach (var container in service.GetBlobContainersAsync(cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            var blobs = service.GetBlobContainerClient(container.Name).GetBlobsAsync(cancellationToken: cancellationToken);
            await foreach (var blob in blobs.ConfigureAwait(false))
                sum += blob.Properties.ContentLength ?? 0;
        }

        return sum;
    }
}
