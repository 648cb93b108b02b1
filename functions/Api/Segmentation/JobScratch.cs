using System.Text.Json;
using TumorFunctions.Api.Images;
using TumorFunctions.Core.Segmentation;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Segmentation;

/// <summary>What the model found on some slices.</summary>
public sealed record ChunkFindings(IReadOnlyList<SliceFindings> Slices);

/// <param name="Union">All that was found, as runs.</param>
public sealed record SliceFindings(MaskRuns Union, IReadOnlyList<Detection> Detections, float Peak);

/// <summary>An analysis before its features are known and its mask is kept.</summary>
/// <param name="Outcome">Its mask, where there is one, names blobs that nobody writes.</param>
/// <param name="Mask">Runs of each slice as it is shown.</param>
public sealed record MeasuredFindings(AnalysisOutcome Outcome, IReadOnlyList<MaskRuns> Mask);

/// <summary>What one step of an item leaves for the next: blobs that are gone when the item has ended.</summary>
public sealed class JobScratch(IBlobStore blobs)
{
    public const string Container = "segmentation-work";
    public const string ResultContainer = "segmentation-results";

    public const string Slices = "slices";
    public const string Remarks = "remarks";
    public const string Measured = "measured";
    public const string Features = "features";

    public static string ChunkName(int chunk) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"chunk-{chunk}");

    public async Task WriteBytesAsync(ItemInput item, string name, Stream content, CancellationToken cancellationToken) =>
        await blobs.WriteAsync(
            AddressOf(item, name),
            content,
            new BlobWriteOptions { ContentType = "application/octet-stream", Overwrite = true, Recomputable = true },
            cancellationToken);

    public async Task WriteAsync<T>(ItemInput item, string name, T value, CancellationToken cancellationToken)
    {
        using var json = new MemoryStream();
        await JsonSerializer.SerializeAsync(json, value, StorageJson.Options, cancellationToken);
        json.Position = 0;
        await WriteBytesAsync(item, name, json, cancellationToken);
    }

    public Task<BlobContent> OpenAsync(ItemInput item, string name, CancellationToken cancellationToken) =>
        blobs.OpenReadAsync(AddressOf(item, name), cancellationToken);

    public async Task<T> ReadAsync<T>(ItemInput item, string name, CancellationToken cancellationToken)
    {
        await using var blob = await OpenAsync(item, name, cancellationToken);
        return (await JsonSerializer.DeserializeAsync<T>(blob.Stream, StorageJson.Options, cancellationToken))!;
    }

    public async Task DeleteAsync(ItemInput item, CancellationToken cancellationToken)
    {
        await foreach (var blob in blobs.ListAsync(Container, FolderOf(item), cancellationToken))
        {
            await blobs.DeleteAsync(blob.Address, cancellationToken);
        }
    }

    /// <summary>Keeps an item's answer for as long as its job is known.</summary>
    public async Task KeepResultAsync(ItemInput item, Stream json, CancellationToken cancellationToken) => await blobs.WriteAsync(
        ResultAddress(item.JobId, item.Index),
        json,
        new BlobWriteOptions { ContentType = "application/json", Overwrite = true },
        cancellationToken);

    /// <summary>An item's answer, or null where it has none.</summary>
    public async Task<JsonElement?> FindResultAsync(string jobId, int index, CancellationToken cancellationToken)
    {
        try
        {
            await using var blob = await blobs.OpenReadAsync(ResultAddress(jobId, index), cancellationToken);
            return await JsonSerializer.DeserializeAsync<JsonElement>(blob.Stream, cancellationToken: cancellationToken);
        }
        catch (BlobNotFoundException)
        {
            return null;
        }
    }

    private static BlobAddress AddressOf(ItemInput item, string name) => new(Container, FolderOf(item) + name);

    private static string FolderOf(ItemInput item) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{item.JobId}/{item.Index}/");

    private static BlobAddress ResultAddress(string jobId, int index) =>
        new(ResultContainer, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{jobId}/{index}.json"));
}
