using System.Text;

namespace TumorFunctions.Storage.Tests.Contracts;

/// <summary>What every <see cref="IBlobExport"/> promises beside its <see cref="IBlobStore"/>.</summary>
public abstract class BlobExportContract
{
    protected abstract IBlobStore Store { get; }

    protected abstract IBlobExport Export { get; }

    [Fact]
    public async Task A_hold_shows_all_containers_in_order_though_blobs_are_replaced_deleted_and_added()
    {
        await WriteAsync("images", "b/Two.png", "two");
        await WriteAsync("images", "a", "one");
        await WriteAsync("reports", "报告.pdf", "three");
        await Export.HoldAsync("hold-1");
        var asOf = DateTimeOffset.UtcNow;
        await Task.Delay(50);
        await WriteAsync("images", "a", "replaced");
        await WriteAsync("images", "a", "replaced again");
        Assert.True(await Store.DeleteAsync(new BlobAddress("images", "b/Two.png")));
        await WriteAsync("images", "new", "new");

        var held = await ListAsync("hold-1", asOf);

        Assert.Equal(["images/a=one", "images/b/Two.png=two", "reports/报告.pdf=three"], held);
        Assert.Null(await Store.GetPropertiesAsync(new BlobAddress("images", "b/Two.png")));
        List<string> live = [];
        await foreach (var blob in Store.ListAsync("images"))
            live.Add(blob.Address.Name);
        Assert.Equal(["a", "new"], live);
    }

    [Fact]
    public async Task A_name_deleted_and_written_again_shows_the_version_of_the_moment()
    {
        await WriteAsync("images", "a", "old");
        await Export.HoldAsync("hold");
        await Store.DeleteAsync(new BlobAddress("images", "a"));
        await WriteAsync("images", "a", "at the moment");
        var asOf = DateTimeOffset.UtcNow;
        await Task.Delay(50);
        await Store.DeleteAsync(new BlobAddress("images", "a"));
        await WriteAsync("images", "a", "later");
        await Store.DeleteAsync(new BlobAddress("images", "a"));

        Assert.Equal(["images/a=at the moment"], await ListAsync("hold", asOf));
    }

    [Fact]
    public async Task Properties_are_those_of_the_version_that_is_held()
    {
        var options = new BlobWriteOptions { ContentType = "image/png", Metadata = new Dictionary<string, string> { ["image_id"] = "7" } };
        var written = await Store.WriteAsync(new BlobAddress("images", "a"), new MemoryStream([1, 2]), options);
        await Export.HoldAsync("hold");
        var asOf = DateTimeOffset.UtcNow;
        await Store.DeleteAsync(written.Address);
        List<BlobProperties> held = [];
        await foreach (var blob in Export.ListHeldAsync("hold", asOf))
            held.Add(blob);

        var only = Assert.Single(held);
        Assert.Equal((written.Address, 2, "image/png", written.ETag), (only.Address, only.Length, only.ContentType, only.ETag));
        Assert.Equal("7", only.Metadata["image_id"]);
    }

    [Fact]
    public async Task What_only_a_hold_kept_goes_with_it()
    {
        var written = await WriteAsync("images", "a", "old");
        await Export.HoldAsync("hold");
        await Export.HoldAsync("hold");
        await Store.DeleteAsync(written.Address);
        (await Export.OpenHeldAsync(written.Address, written.ETag)).Dispose();

        await Export.ReleaseAsync("hold");
        await Export.ReleaseAsync("hold");

        await Assert.ThrowsAsync<BlobNotFoundException>(() => Export.OpenHeldAsync(written.Address, written.ETag));
        await Assert.ThrowsAsync<SnapshotNotFoundException>(() => ListAsync("hold", DateTimeOffset.UtcNow));
        Assert.Equal(0, (await Store.GetCapacityAsync()).UsedBytes);
    }

    [Fact]
    public async Task Another_hold_takes_the_place_of_the_first_and_sees_nothing_of_what_that_kept()
    {
        await WriteAsync("images", "a", "a");
        await WriteAsync("images", "b", "b");
        await Export.HoldAsync("one");
        await Store.DeleteAsync(new BlobAddress("images", "a"));
        await Export.HoldAsync("two");
        await Export.ReleaseAsync("one");

        Assert.Equal(["images/b=b"], await ListAsync("two", DateTimeOffset.UtcNow));
    }

    [Fact]
    public async Task Versions_that_nobody_gave_out_are_not_there()
    {
        await WriteAsync("images", "a", "a");
        await Export.HoldAsync("hold");
        foreach (var etag in new[] { "", "../../x", Guid.NewGuid().ToString("N") })
            await Assert.ThrowsAsync<BlobNotFoundException>(() => Export.OpenHeldAsync(new BlobAddress("images", "a"), etag));
    }

    [Fact]
    public async Task Under_random_writes_and_deletes_the_held_state_is_that_of_its_moment()
    {
        var random = new Random(3);
        Dictionary<string, string> model = [];
        for (var i = 0; i < 300; i++)
            await StepAsync();
        var expected = model.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"images/{pair.Key}={pair.Value}").ToArray();
        await Export.HoldAsync("hold");
        var asOf = DateTimeOffset.UtcNow;
        await Task.Delay(20);
        for (var i = 0; i < 300; i++)
            await StepAsync();

        Assert.Equal(expected, await ListAsync("hold", asOf));

        async Task StepAsync()
        {
            var name = $"{random.Next(40)}";
            if (random.Next(3) == 0)
            {
                await Store.DeleteAsync(new BlobAddress("images", name));
                model.Remove(name);
            }
            else
            {
                model[name] = random.Next().ToString(System.Globalization.CultureInfo.InvariantCulture);
                await WriteAsync("images", name, model[name]);
            }
        }
    }

    private Task<BlobProperties> WriteAsync(string container, string name, string content) => Store.WriteAsync(
        new BlobAddress(container, name),
        new MemoryStream(Encoding.UTF8.GetBytes(content)),
        new BlobWriteOptions { ContentType = "text/plain", Overwrite = true });

    /// <summary>container/name=content of all that is held.</summary>
    private async Task<List<string>> ListAsync(string hold, DateTimeOffset asOf)
    {
        List<string> held = [];
        await foreach (var blob in Export.ListHeldAsync(hold, asOf))
        {
            using var reader = new StreamReader(await Export.OpenHeldAsync(blob.Address, blob.ETag));
            held.Add($"{blob.Address.Container}/{blob.Address.Name}={await reader.ReadToEndAsync()}");
        }

        return held;
    }
}
