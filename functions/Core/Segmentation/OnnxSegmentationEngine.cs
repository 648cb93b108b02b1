namespace TumorFunctions.Core.Segmentation;

/// <summary>Runs the models of a registry in this process.</summary>
public sealed class OnnxSegmentationEngine(ModelRegistry registry) : ISegmentationEngine
{
    public async Task<IReadOnlyList<SegmentationResult>> SegmentAsync(
        string modelName, IReadOnlyList<GreySlice> slices, SegmentationOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        options ??= SegmentationOptions.Default;
        options.Validate();
        if (slices.Any(slice => slice.Pixels.IsEmpty))
            throw new ArgumentException("A slice has no pixels.", nameof(slices));
        if (slices.Count == 0)
            return [];
        using var lease = await registry.AcquireAsync(modelName, cancellationToken).ConfigureAwait(false);
        var model = lease.Model;
        var results = new SegmentationResult[slices.Count];
        for (var first = 0; first < slices.Count; first += model.MaxBatch)
        {
            var start = first;
            await registry.RunAsync(
                () => model.SegmentBatch(slices, start, options, results, cancellationToken), cancellationToken).ConfigureAwait(false);
        }

        return results;
    }

    public Task<IReadOnlyList<string>> ListModelsAsync(CancellationToken cancellationToken = default) => Task.FromResult(registry.Names);

    public Task<ModelInfo> DescribeAsync(string modelName, CancellationToken cancellationToken = default) =>
        registry.DescribeAsync(modelName, cancellationToken);

    public Task<ModelInfo> ReloadAsync(string modelName, CancellationToken cancellationToken = default) =>
        registry.ReloadAsync(modelName, cancellationToken);
}
