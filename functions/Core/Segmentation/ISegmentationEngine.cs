namespace TumorFunctions.Core.Segmentation;

/// <summary>Runs segmentation models, in this process or elsewhere.</summary>
public interface ISegmentationEngine
{
    /// <summary>A model to hold through a piece of work: it stays the same, whatever becomes of its file, until it is disposed.</summary>
    /// <param name="modelName">A model's name, or a weight path whose last segment names it (Yolov11_best.pt).</param>
    /// <exception cref="ModelException">The model is unknown or cannot be loaded.</exception>
    Task<ISegmentationModel> OpenAsync(string modelName, CancellationToken cancellationToken = default);

    /// <summary>Segments slices with one model; the answers are in the order of the slices.</summary>
    /// <param name="modelName">A model's name, or a weight path whose last segment names it (Yolov11_best.pt).</param>
    /// <exception cref="ModelException">The model is unknown, cannot be loaded, or failed on this input.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    Task<IReadOnlyList<SegmentationResult>> SegmentAsync(
        string modelName, IReadOnlyList<GreySlice> slices, SegmentationOptions? options = null,
        CancellationToken cancellationToken = default);

    /// <summary>Names of the models that can be asked for.</summary>
    Task<IReadOnlyList<string>> ListModelsAsync(CancellationToken cancellationToken = default);

    /// <summary>What is known of a model; loads it if it is not loaded yet.</summary>
    /// <exception cref="ModelException">The model is unknown or cannot be loaded.</exception>
    Task<ModelInfo> DescribeAsync(string modelName, CancellationToken cancellationToken = default);

    /// <summary>Reads a model anew. Requests in flight finish on the one they began with.</summary>
    /// <exception cref="ModelException">The model is unknown or cannot be loaded; a model loaded before keeps serving.</exception>
    Task<ModelInfo> ReloadAsync(string modelName, CancellationToken cancellationToken = default);
}
