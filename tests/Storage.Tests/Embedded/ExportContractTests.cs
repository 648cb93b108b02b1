using TumorFunctions.Storage.Embedded;
using TumorFunctions.Storage.Tests.Contracts;

namespace TumorFunctions.Storage.Tests.Embedded;

public sealed class SqliteDocumentExportContractTests : DocumentExportContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SqliteDocumentStore _store;

    public SqliteDocumentExportContractTests() => _store = new SqliteDocumentStore(_folder.Combine("documents.db"), Containers);

    protected override IDocumentStore Store => _store;

    protected override IDocumentExport Export => _store;

    [Fact]
    public async Task A_snapshot_outlives_its_process()
    {
        var address = new DocumentAddress("export", "p", "a");
        await _store.CreateAsync(address, new { N = 1 });
        await _store.BeginSnapshotAsync("s");
        await _store.DeleteAsync(address);
        await _store.DisposeAsync();

        await using var next = new SqliteDocumentStore(_folder.Combine("documents.db"), Containers);

        Assert.Single((await next.ReadSnapshotAsync("s", "export", null)).Documents);
        await next.EndSnapshotAsync("s");
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(_folder.Combine("x"))!, "*snapshot*"));
    }

    [Fact]
    public async Task Documents_of_a_file_that_did_not_note_times_are_older_than_any_other()
    {
        var path = _folder.Combine("old.db");
        using (var old = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={path};Pooling=false"))
        {
            old.Open();
            using var command = old.CreateCommand();
            command.CommandText =
                """
                PRAGMA application_id=1416971886; PRAGMA user_version=1;
                CREATE TABLE "documents.export"(
                    partition_key TEXT NOT NULL, id TEXT NOT NULL, etag TEXT NOT NULL, body TEXT NOT NULL, UNIQUE(partition_key, id));
                INSERT INTO "documents.export" VALUES('p', 'a', 'e', '{"n":1}');
                """;
            command.ExecuteNonQuery();
        }

        await using var store = new SqliteDocumentStore(path, Containers);
        var address = new DocumentAddress("export", "p", "a");

        Assert.Equal(DateTimeOffset.UnixEpoch, (await store.ReadStoredAsync(address))!.ChangedAt);
        await store.UpsertAsync(address, new { N = 2 });
        Assert.True((await store.ReadStoredAsync(address))!.ChangedAt > DateTimeOffset.UnixEpoch);
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }
}

public sealed class FileBlobExportContractTests : BlobExportContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FileBlobStore _store;

    public FileBlobExportContractTests() => _store = new FileBlobStore(_folder.Combine("blobs"));

    protected override IBlobStore Store => _store;

    protected override IBlobExport Export => _store;

    [Fact]
    public async Task A_hold_outlives_its_process_and_keeps_the_sweep_away()
    {
        var address = new BlobAddress("images", "a");
        var written = await _store.WriteAsync(address, new MemoryStream([1]), new BlobWriteOptions { ContentType = "x" });
        await _store.HoldAsync("hold");
        var asOf = DateTimeOffset.UtcNow;

        var next = new FileBlobStore(_folder.Combine("blobs"));
        await next.DeleteAsync(address);
        Assert.Equal(0, await next.SweepAsync(TimeSpan.FromDays(-1)));
        await foreach (var blob in next.ListHeldAsync("hold", asOf))
            Assert.Equal(written.ETag, blob.ETag);
        (await next.OpenHeldAsync(address, written.ETag)).Dispose();
        await next.ReleaseAsync("hold");

        Assert.Empty(Directory.GetFiles(_folder.Combine("blobs"), "*", SearchOption.AllDirectories));
    }

    public void Dispose() => _folder.Dispose();
}
