using TumorFunctions.Storage.Embedded;
using TumorFunctions.Storage.Tests.Contracts;

namespace TumorFunctions.Storage.Tests.Embedded;

public sealed class FileBlobStoreContractTests : BlobStoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    protected override Task<IBlobStore> OpenAsync() => Task.FromResult<IBlobStore>(new FileBlobStore(_folder.Path));

    protected override Task CloseAsync(string container) => Task.CompletedTask;

    public void Dispose() => _folder.Dispose();
}
