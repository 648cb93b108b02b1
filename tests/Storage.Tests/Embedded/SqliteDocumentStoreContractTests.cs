using TumorFunctions.Storage.Embedded;
using TumorFunctions.Storage.Tests.Contracts;

namespace TumorFunctions.Storage.Tests.Embedded;

public sealed class SqliteDocumentStoreContractTests : DocumentStoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private SqliteDocumentStore? _store;

    protected override Task<IDocumentStore> OpenAsync() =>
        Task.FromResult<IDocumentStore>(_store = new SqliteDocumentStore(_folder.Combine("documents.db"), Containers));

    protected override Task CloseAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _store?.Dispose();
        _folder.Dispose();
    }
}
