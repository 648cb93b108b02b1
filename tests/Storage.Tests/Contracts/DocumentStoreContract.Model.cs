namespace TumorFunctions.Storage.Tests.Contracts;

public abstract partial class DocumentStoreContract
{
    private static readonly string[] ModelIds = ["a", "A", "b", "b%", "脑", "d'"];

    /// <summary>Operations of one random run; an adapter over a network may take fewer.</summary>
    protected virtual int ModelSteps => 400;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Random_operations_do_what_a_dictionary_does(int seed)
    {
        var random = new Random(seed);
        var model = new Dictionary<string, (Dictionary<string, long> Value, string ETag)>(StringComparer.Ordinal);
        var stale = new List<string> { "\"0\"" };
        for (var step = 0; step < ModelSteps; step++)
        {
            var operation = await StepAsync(random, model, stale);

            var stored = await Store.QueryAsync<Dictionary<string, long>>(Main, Partition, new DocumentQuery());
            Assert.True(
                stored.OrderBy(d => d.Address.Id, StringComparer.Ordinal).Select(d => (d.Address.Id, Text(d.Value), d.ETag)).SequenceEqual(
                    model.OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => (d.Key, Text(d.Value.Value), d.Value.ETag))),
                $"Seed {seed}, step {step}: store and model differ after {operation}.");
            await CompareQueriesAsync(random, model);
        }
    }

    private async Task<string> StepAsync(
        Random random, Dictionary<string, (Dictionary<string, long> Value, string ETag)> model, List<string> stale)
    {
        var id = ModelIds[random.Next(ModelIds.Length)];
        var exists = model.TryGetValue(id, out var current);
        var etag = exists && random.Next(3) > 0 ? current.ETag : stale[random.Next(stale.Count)];
        var matches = exists && etag == current.ETag;
        var value = RandomFields(random);
        switch (random.Next(7))
        {
            case 0:
                await ExpectAsync<DocumentConflictException>(
                    !exists, async () => Keep(await Store.CreateAsync(At(id), value)));
                return $"create {id}";
            case 1:
                Keep(await Store.UpsertAsync(At(id), value));
                return $"upsert {id}";
            case 2 when exists:
                await ExpectAsync<DocumentPreconditionException>(
                    matches, async () => Keep(await Store.ReplaceAsync(At(id), value, etag)));
                return $"replace {id}, etag right: {matches}";
            case 2:
                await Assert.ThrowsAsync<DocumentNotFoundException>(() => Store.ReplaceAsync(At(id), value, etag));
                return $"replace absent {id}";
            case 3 when exists:
                await ExpectAsync<DocumentPreconditionException>(matches, async () =>
                {
                    Assert.True(await Store.DeleteAsync(At(id), etag));
                    Forget();
                });
                return $"conditional delete {id}, etag right: {matches}";
            case 4:
                Assert.Equal(exists, await Store.DeleteAsync(At(id)));
                Forget();
                return $"delete {id}";
            case 5:
                var sums = Sums(value);
                var told = await Store.IncrementAsync(At(id), value);
                Assert.Equal(Text(sums.Where(s => value.ContainsKey(s.Key))), Text(told));
                await KeepReadAsync(sums);
                return $"increment {id}";
            default:
                var batched = Sums(value);
                await ExpectAsync<DocumentConflictException>(!model.ContainsKey("batch"), async () =>
                {
                    await Store.ExecuteBatchAsync(
                        Main, Partition, [new DocumentWrite.Increment(id, value), new DocumentWrite.Create("batch", value)]);
                    await KeepReadAsync(batched);
                    model["batch"] = (value, (await Store.ReadAsync<Dictionary<string, long>>(At("batch")))!.ETag);
                });
                if (random.Next(2) == 0 && model.Remove("batch"))
                    await Store.DeleteAsync(At("batch"));
                return $"batch over {id}";
        }

        void Keep(Document<Dictionary<string, long>> written)
        {
            Forget();
            model[id] = (value, written.ETag);
        }

        void Forget()
        {
            if (model.Remove(id, out var old))
                stale.Add(old.ETag);
        }

        async Task KeepReadAsync(Dictionary<string, long> expected)
        {
            Forget();
            model[id] = (expected, (await Store.ReadAsync<Dictionary<string, long>>(At(id)))!.ETag);
            Assert.DoesNotContain(model[id].ETag, stale);
        }

        Dictionary<string, long> Sums(Dictionary<string, long> deltas)
        {
            var sums = exists ? new Dictionary<string, long>(current.Value) : [];
            foreach (var (name, delta) in deltas)
                sums[name] = sums.GetValueOrDefault(name) + delta;
            return sums;
        }
    }

    private async Task CompareQueriesAsync(Random random, Dictionary<string, (Dictionary<string, long> Value, string ETag)> model)
    {
        var bound = random.Next(-20, 20);
        var filters = Where(random.Next(2) == 0 ? new DocumentFilter.AtLeast("score", bound) : new DocumentFilter.LessThan("score", bound));
        var atLeast = filters.Filters[0] is DocumentFilter.AtLeast;
        var expected = model
            .Where(d => d.Value.Value.TryGetValue("score", out var score) && (score >= bound) == atLeast)
            .Select(d => d.Value.Value["score"]).Order().ToArray();
        var page = filters with
        {
            OrderBy = "score",
            Descending = random.Next(2) == 0,
            Offset = random.Next(3),
            Limit = random.Next(4),
        };

        var found = await Store.QueryAsync<Dictionary<string, long>>(Main, Partition, page);

        Assert.Equal(expected.Length, await Store.CountAsync(Main, Partition, page));
        Assert.Equal(
            (page.Descending ? expected.Reverse() : expected).Skip(page.Offset).Take(page.Limit), found.Select(d => d.Value["score"]));
    }

    private static Dictionary<string, long> RandomFields(Random random)
    {
        string[] names = ["score", "n", "m"];
        var fields = names.Where(_ => random.Next(2) == 0).ToDictionary(name => name, _ => (long)random.Next(-20, 20));
        return fields.Count > 0 ? fields : Fields(("n", 1));
    }

    private static string Text(IEnumerable<KeyValuePair<string, long>> fields) =>
        string.Join(',', fields.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"{f.Key}={f.Value}"));

    private static Task ExpectAsync<TRefusal>(bool success, Func<Task> operation)
        where TRefusal : Exception =>
        success ? operation() : Assert.ThrowsAsync<TRefusal>(operation);
}
