namespace TumorFunctions.Core.Segmentation;

/// <summary>Runs the models of a registry in this process.</summary>
public sealed class OnnxSegmentationEngine(ModelRegistry registry) : ISegmentationEngine
{
    public async Task<ISegmentationModel> OpenAsync(string modelName, CancellationToken cancellationToken = default) =>
        new HeldModel(registry, await registry.AcquireAsync(modelName, cancellationToken).ConfigureAwait(false));

    public async Task<IReadOnlyList<SegmentationResult>> SegmentAsync(
        string modelName, IReadOnlyList<GreySlice> slices, SegmentationOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        using var model = await OpenAsync(modelName, cancellationToken).ConfigureAwait(false);
        return await model.SegmentAsync(slices, options, cancellationToken).ConfigureAwait(false);
    }

    public Task<IReadOnlyList<string>> ListModelsAsync(CancellationToken cancellationToken = default) => Task.FromResult(registry.Names);

    public Task<ModelInfo> DescribeAsync(string modelName, CancellationToken cancellationToken = default) =>
        registry.DescribeAsync(modelName, cancellationToken);

    public Task<ModelInfo> ReloadAsync(string modelName, CancellationToken cancellationToken = default) =>
        registry.ReloadAsync(modelName, cancellationToken);

    private sealed class HeldModel(ModelRegistry registry, ModelLease lease) : ISegmentationModel
    {
        public ModelInfo Info => lease.Model.Info;

        public async Task<IReadOnlyList<SegmentationResult>> SegmentAsync(
            IReadOnlyList<GreySlice> slices, SegmentationOptions? options = null, CancellationToken cancellationToken = default)
        {
            options ??= SegmentationOptions.Default;
            options.Validate();
            if (slices.Any(slice => slice.Pixels.IsEmpty))
                throw new ArgumentException("A slice has no pixels.", nameof(slices));
            if (slices.Count == 0)
                return [];
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

        public void Dispose() => lease.Dispose();
    }
}
