using System.Globalization;
using TumorFunctions.Storage.Embedded;
using TumorFunctions.Storage.Tests.Writer;

namespace TumorFunctions.Storage.Tests.Embedded;

/// <summary>A process that writes to both stores is killed at random moments; the next one finds all that was acknowledged.</summary>
public sealed class CrashTests : IDisposable
{
    private const int Rounds = 8;

    private readonly TemporaryFolder _folder = new();
    private readonly SortedDictionary<string, int> _settledDocuments = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _settledBlobs = new(StringComparer.Ordinal);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Killed_at_random_moments_the_stores_keep_every_acknowledged_write_and_nothing_half_done()
    {
        var random = new Random(20260);
        for (var round = 0; round < Rounds; round++)
        {
            var prefix = $"r{round}-";
            var acknowledged = await WriterProcess.RunAndKillAsync(
                _folder.Path, prefix, random.Next(5, 60), TimeSpan.FromMilliseconds(random.Next(20)));

            using var documents = new SqliteDocumentStore(_folder.Combine("documents.db"), DocumentScript.Containers);
            var blobs = new FileBlobStore(_folder.Combine("blobs"));
            var scripts = ScriptSet.Of(documents, blobs, prefix);
            await CheckDocumentsAsync(documents, scripts, acknowledged);
            await CheckBlobsAsync(blobs, scripts, acknowledged);
            await CheckSweepAsync(blobs);
            await WriteOnAsync(documents, blobs, $"after-{prefix}");
        }
    }

    private async Task CheckDocumentsAsync(SqliteDocumentStore documents, IReadOnlyList<Script> scripts, IReadOnlyList<int> acknowledged)
    {
        var query = new DocumentQuery { Limit = int.MaxValue };
        var stored = await documents.QueryAsync<DocumentScript.Entry>(DocumentScript.Container, DocumentScript.Partition, query);
        foreach (var document in stored.Where(document => document.Value.Body is not null))
            Assert.Equal(DocumentScript.Entry.Of(document.Address.Id, document.Value.Step), document.Value);

        var found = Sorted(stored.Select(document => (document.Address.Id, document.Value.Step)));
        Settle(found, scripts.OfType<DocumentScript>(), scripts, acknowledged, _settledDocuments);
        var byIndex = await documents.QueryAsync<DocumentScript.Entry>(
            DocumentScript.Container, DocumentScript.Partition, query with { OrderBy = DocumentScript.StepField });
        Assert.Equal(found, Sorted(byIndex.Select(document => (document.Address.Id, document.Value.Step))));
    }

    private async Task CheckBlobsAsync(FileBlobStore blobs, IReadOnlyList<Script> scripts, IReadOnlyList<int> acknowledged)
    {
        List<(string Name, int Step)> found = [];
        await foreach (var blob in blobs.ListAsync(BlobScript.Container))
        {
            var step = int.Parse(blob.Metadata[BlobScript.StepField], CultureInfo.InvariantCulture);
            found.Add((blob.Address.Name, step));
            await using var open = await blobs.OpenReadAsync(blob.Address);
            var content = new byte[open.Stream.Length];
            await open.Stream.ReadExactlyAsync(content);
            Assert.Equal(blob.Length, content.Length);
            Assert.True(content.AsSpan().SequenceEqual(Script.Content(blob.Address.Name, step)), $"{blob.Address.Name} is not whole.");
        }

        Settle(Sorted(found), scripts.OfType<BlobScript>(), scripts, acknowledged, _settledBlobs);
    }

    /// <summary>Earlier rounds are as they were, and each script of this one stands at its last acknowledged step or the next.</summary>
    private static void Settle(
        SortedDictionary<string, int> found,
        IEnumerable<Script> checkedScripts,
        IReadOnlyList<Script> all,
        IReadOnlyList<int> acknowledged,
        SortedDictionary<string, int> settled)
    {
        foreach (var script in checkedScripts)
        {
            var steps = acknowledged[all.ToList().IndexOf(script)];
            var mine = Sorted(found.Where(entry => entry.Key.StartsWith(script.Prefix, StringComparison.Ordinal))
                .Select(entry => (entry.Key, entry.Value)));
            Assert.True(
                mine.SequenceEqual(script.StateAfter(steps)) || mine.SequenceEqual(script.StateAfter(steps + 1)),
                $"{script.Prefix} acknowledged {steps} steps and holds {string.Join(' ', mine)}.");
            foreach (var (name, step) in mine)
                settled.Add(name, step);
        }

        Assert.Equal(settled, found);
    }

    private async Task CheckSweepAsync(FileBlobStore blobs)
    {
        await blobs.SweepAsync(TimeSpan.Zero);

        List<BlobProperties> listed = [];
        await foreach (var blob in blobs.ListAsync(BlobScript.Container))
        {
            listed.Add(blob);
            await using var open = await blobs.OpenReadAsync(blob.Address);
            Assert.Equal(blob.Length, open.Stream.Length);
        }

        Assert.Equal(_settledBlobs.Keys, listed.Select(blob => blob.Address.Name));
        Assert.Equal(listed.Sum(blob => blob.Length), (await blobs.GetCapacityAsync()).UsedBytes);
        // A pointer and a data file for each blob.
        Assert.Equal(2 * listed.Count, Directory.GetFiles(_folder.Combine("blobs"), "*", SearchOption.AllDirectories).Length);
        Assert.Equal(0, await blobs.SweepAsync(TimeSpan.Zero));
    }

    private async Task WriteOnAsync(SqliteDocumentStore documents, FileBlobStore blobs, string prefix)
    {
        foreach (var script in ScriptSet.Of(documents, blobs, prefix))
        {
            await script.RunAsync(1);
            foreach (var (name, step) in script.StateAfter(1))
                (script is BlobScript ? _settledBlobs : _settledDocuments).Add(name, step);
        }
    }

    private static SortedDictionary<string, int> Sorted(IEnumerable<(string Name, int Step)> entries) =>
        new(entries.ToDictionary(entry => entry.Name, entry => entry.Step), StringComparer.Ordinal);
}
