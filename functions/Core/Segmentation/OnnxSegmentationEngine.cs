namespace TumorFunctions.Core.Segmentation;

/// <summary>Runs models of a registry in this process.</summary>
public sealed class OnnxSegmentationEngine(ModelRegistry registry) : ISegmentationEngine
{
    public async Task<IReadOnlyList<SegmentationResult>> SegmentAsync(
        string model, IReadOnlyList<GreySlice> slices, SegmentationOptions options, CancellationToken cancellationToken = default)
    {
        foreach (var slice in slices)
        {
            if (slice.Width < 1 || slice.Height < 1 || slice.Pixels.Length != (long)slice.Width * slice.Height)
            {
                throw new ArgumentException(
                    $"{slice.Pixels.Length} pixels do not fill {slice.Width}×{slice.Height}.", nameof(slices));
            }
        }

        using var lease = await registry.LeaseAsync(model, cancellationToken).ConfigureAwait(false);
        return await Task.WhenAll(slices.Select(
            slice => Task.Run(() => lease.SegmentAsync(slice, options, cancellationToken), cancellationToken))).ConfigureAwait(false);
    }
}
