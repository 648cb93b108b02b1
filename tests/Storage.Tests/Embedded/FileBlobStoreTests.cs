using TumorFunctions.Storage.Embedded;
using TumorFunctions.Storage.Tests.Contracts;

namespace TumorFunctions.Storage.Tests.Embedded;

/// <summary>What the file store promises beyond the contract: the sweep, and what a later process finds.</summary>
public sealed class FileBlobStoreTests : IDisposable
{
    private static readonly BlobWriteOptions Over = new() { ContentType = "text/plain", Overwrite = true };

    private readonly TemporaryFolder _folder = new();
    private readonly FileBlobStore _store;

    public FileBlobStoreTests() => _store = new FileBlobStore(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_later_process_finds_everything()
    {
        var written = await _store.WriteAsync(At("a/颅脑.png"), new MemoryStream([1, 2, 3]), Over);

        var later = new FileBlobStore(_folder.Path);

        var found = await later.GetPropertiesAsync(At("a/颅脑.png"));
        Assert.Equal(written with { Metadata = found!.Metadata }, found);
        Assert.Equal(3, (await later.GetCapacityAsync()).UsedBytes);
    }

    [Fact]
    public async Task What_a_power_cut_took_from_a_recomputable_blob_is_not_served_in_part()
    {
        await _store.WriteAsync(At("mask"), new MemoryStream(new byte[10]), Over with { Recomputable = true });
        await using (var whole = await _store.OpenReadAsync(At("mask")))
        {
            Assert.Equal(10, whole.Stream.Length);
        }

        using (var data = File.OpenWrite(Assert.Single(Directory.GetFiles(Path.Combine(_folder.Path, "data"), "*", SearchOption.AllDirectories))))
        {
            data.SetLength(4);
        }

        await Assert.ThrowsAsync<BlobNotFoundException>(() => _store.OpenReadAsync(At("mask")));
        await _store.WriteAsync(At("mask"), new MemoryStream([1]), Over);
        await using var again = await _store.OpenReadAsync(At("mask"));
        Assert.Equal(1, again.Stream.ReadByte());
    }

    [Fact]
    public async Task A_sweep_removes_what_another_process_left_unfinished_and_nothing_else()
    {
        await _store.WriteAsync(At("a"), new MemoryStream(new byte[10]), Over);
        await _store.WriteAsync(At("b~%41"), new MemoryStream(new byte[10]), Over);
        await _store.WriteAsync(At(new string('x', 1000)), new MemoryStream(new byte[10]), Over);
        Assert.Equal(0, await _store.SweepAsync(TimeSpan.Zero));
        var complete = Files();
        List<int> swept = [];

        // A store of its own knows nothing of this write, like the next process after a kill.
        var next = _store;
        var killed = new FileBlobStore(_folder.Path);
        await Assert.ThrowsAsync<IOException>(() => killed.WriteAsync(At("a"), new DribblingStream(new byte[300_000], Kill), Over));

        Assert.Equal([0, 1, 0], swept);
        Assert.Equal(complete, Files());
        Assert.Equal(3, await _store.ListAsync("blobs").CountAsync());

        void Kill()
        {
            swept.Add(next.SweepAsync(TimeSpan.FromHours(1)).Result);
            swept.Add(next.SweepAsync(TimeSpan.Zero).Result);
            swept.Add(next.SweepAsync(TimeSpan.Zero).Result);
            throw new IOException("killed");
        }
    }

    [Fact]
    public async Task A_sweep_spares_what_is_being_written()
    {
        var swept = -1;

        await _store.WriteAsync(At("a"), new DribblingStream(new byte[300_000], () => swept = _store.SweepAsync(TimeSpan.Zero).Result), Over);

        Assert.Equal(0, swept);
        Assert.Equal(300_000, (await _store.GetPropertiesAsync(At("a")))!.Length);
    }

    [Fact]
    public async Task Sweeps_disturb_no_writer_and_the_capacity_stays_exact()
    {
        using var done = new CancellationTokenSource();
        var sweeper = Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
                await _store.SweepAsync(TimeSpan.Zero);
        });

        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 60; i++)
            {
                await _store.WriteAsync(At($"{i % 3}"), new MemoryStream(new byte[(1000 * writer) + i]), Over);
                await _store.DeleteAsync(At($"{(i + 1) % 3}"));
            }
        })));
        await done.CancelAsync();
        await sweeper;

        var blobs = await _store.ListAsync("blobs").ToListAsync();
        foreach (var blob in blobs)
        {
            await using var open = await _store.OpenReadAsync(blob.Address);
            Assert.Equal(blob.Length, open.Stream.Length);
        }

        await _store.SweepAsync(TimeSpan.Zero);
        Assert.Equal(2 * blobs.Count, Files().Count);
        Assert.Equal(blobs.Sum(blob => blob.Length), (await _store.GetCapacityAsync()).UsedBytes);
    }

    [Fact]
    public async Task The_folders_are_their_owners_alone()
    {
        await _store.WriteAsync(At("a"), new MemoryStream([1]), Over);

        foreach (var folder in Directory.EnumerateDirectories(_folder.Path, "*", SearchOption.AllDirectories))
        {
            if (!OperatingSystem.IsWindows())
            {
                const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
                Assert.Equal(Owner, File.GetUnixFileMode(folder));
            }
        }
    }

    private static BlobAddress At(string name) => new("blobs", name);

    private List<string> Files() =>
        [.. Directory.EnumerateFiles(_folder.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
}
