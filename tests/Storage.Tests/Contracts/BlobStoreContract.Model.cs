using System.Text;

namespace TumorFunctions.Storage.Tests.Contracts;

public abstract partial class BlobStoreContract
{
    private static readonly string[] ModelNames = ["a", "A", "a/b", "a/b.png", "脑/x", "~%41", new string('x', 900)];

    /// <summary>Operations of one random run; an adapter over a network may take fewer.</summary>
    protected virtual int ModelSteps => 150;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Random_operations_do_what_a_dictionary_does(int seed)
    {
        var random = new Random(seed);
        var model = new SortedDictionary<string, (byte[] Content, BlobProperties Properties)>(StringComparer.Ordinal);
        var stale = new List<string> { "\"0x0\"" };
        for (var step = 0; step < ModelSteps; step++)
        {
            var operation = await StepAsync(random, model, stale);

            var listed = await ListAsync();
            Assert.True(
                listed.Select(Text).SequenceEqual(model.Values.Select(blob => Text(blob.Properties))),
                $"Seed {seed}, step {step}: store and model differ after {operation}.");
            var prefix = random.Next(2) == 0 ? "a" : "a/b";
            Assert.Equal(model.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)), await NamesAsync(prefix));
            if (model.Count > 0)
            {
                var (name, blob) = model.ElementAt(random.Next(model.Count));
                var content = await ReadAsync(name);
                Assert.True(content.AsSpan().SequenceEqual(blob.Content), $"Seed {seed}, step {step}: content of {name}");
            }
        }
    }

    private async Task<string> StepAsync(
        Random random, SortedDictionary<string, (byte[] Content, BlobProperties Properties)> model, List<string> stale)
    {
        var name = ModelNames[random.Next(ModelNames.Length)];
        var exists = model.TryGetValue(name, out var current);
        if (random.Next(4) == 0)
        {
            Assert.Equal(exists, await Store.DeleteAsync(At(name)));
            Forget();
            return $"delete {name}";
        }

        var content = new byte[random.Next(3) == 0 ? random.Next(300_000) : random.Next(100)];
        random.NextBytes(content);
        var options = new BlobWriteOptions
        {
            ContentType = random.Next(2) == 0 ? "image/png" : "text/plain; charset=utf-8",
            Overwrite = random.Next(2) == 0,
            IfMatch = random.Next(3) > 0 ? null : exists && random.Next(2) == 0 ? current.Properties.ETag : stale[random.Next(stale.Count)],
            Metadata = new Dictionary<string, string> { ["n"] = $"{random.Next(1000)}" },
        };
        if (options.IfMatch is { } etag && (!exists || current.Properties.ETag != etag))
            await Assert.ThrowsAsync<BlobPreconditionException>(WriteAsync);
        else if (options is { IfMatch: null, Overwrite: false } && exists)
            await Assert.ThrowsAsync<BlobConflictException>(WriteAsync);
        else
            await WriteAsync();
        return $"write {name}, {options}";

        async Task WriteAsync()
        {
            var written = await Store.WriteAsync(At(name), new MemoryStream(content), options);
            Assert.DoesNotContain(written.ETag, stale);
            Forget();
            model[name] = (content, written);
        }

        void Forget()
        {
            if (model.Remove(name, out var old))
                stale.Add(old.Properties.ETag);
        }
    }

    private static string Text(BlobProperties blob) =>
        new StringBuilder($"{blob.Address} {blob.Length} {blob.ContentType} {blob.ETag} {blob.LastModified:O}")
            .AppendJoin(';', blob.Metadata).ToString();
}
