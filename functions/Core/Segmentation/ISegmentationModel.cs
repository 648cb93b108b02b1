namespace TumorFunctions.Core.Segmentation;

/// <summary>A model held by a piece of work, until disposed. Thread-safe.</summary>
public interface ISegmentationModel : IDisposable
{
    ModelInfo Info { get; }

    /// <summary>Segments slices; the answers are in the order of the slices.</summary>
    /// <exception cref="ModelException">The model failed on this input.</exception>
    /// <exception cref="ArgumentException">A slice has no pixels, or an option is out of its range.</exception>
    /// <exception cref="ObjectDisposedException">The model was disposed.</exception>
    Task<IReadOnlyList<SegmentationResult>> SegmentAsync(
        IReadOnlyList<GreySlice> slices, SegmentationOptions? options = null, CancellationToken cancellationToken = default);
}
