using System.Runtime.CompilerServices;
using TumorFunctions.LocalWorker.Triggers.Blob;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.LocalHosting;

/// <summary>Lets the local worker look for blobs in the app's own store.</summary>
public sealed class BlobStoreTriggerSource(IBlobStore blobs) : IBlobTriggerSource
{
    public async IAsyncEnumerable<BlobTriggerVersion> ListAsync(
        string container, string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var blob in blobs.ListAsync(container, prefix, cancellationToken))
        {
            yield return new BlobTriggerVersion(blob.Address.Name, blob.ETag);
        }
    }

    public async Task<BlobTriggerContent?> OpenReadAsync(string container, string name, CancellationToken cancellationToken)
    {
        try
        {
            var blob = await blobs.OpenReadAsync(new BlobAddress(container, name), cancellationToken);
            return new BlobTriggerContent(blob.Properties.ETag, blob.Stream);
        }
        catch (BlobNotFoundException)
        {
            return null;
        }
    }
}
