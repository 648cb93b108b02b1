using TumorFunctions.Storage.AzureBlobs;
using TumorFunctions.Storage.Tests.Contracts;

namespace TumorFunctions.Storage.Tests.AzureBlobs;

[Collection(nameof(AzuriteAccount))]
public sealed class AzureBlobStoreContractTests(AzuriteAccount account) : BlobStoreContract, IDisposable
{
    private AzureBlobStore? _store;

    protected override int ModelSteps => 60;

    protected override Task<IBlobStore> OpenAsync() =>
        Task.FromResult<IBlobStore>(_store = new AzureBlobStore(account.Service, new AzureBlobOptions { CapacityAge = TimeSpan.Zero }));

    protected override Task CloseAsync(string container) => account.Service.GetBlobContainerClient(container).DeleteIfExistsAsync();

    public void Dispose() => _store?.Dispose();
}
