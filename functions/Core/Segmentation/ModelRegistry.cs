using System.Collections.Concurrent;

namespace TumorFunctions.Core.Segmentation;

/// <summary>
/// The models of one directory: name.onnx with, beside it, the card name.json. Names are matched without regard to case.
/// </summary>
/// <param name="directory">May be missing or empty: then there are no models.</param>
public sealed class ModelRegistry(string directory, ModelRegistryOptions? options = null) : IDisposable
{
    private const string Extension = ".onnx";

    private readonly ModelRegistryOptions _options = options ?? new ModelRegistryOptions();
    private readonly SemaphoreSlim _places = new(
        options is { MaxConcurrentRuns: > 0 } ? options.MaxConcurrentRuns : Math.Max(2, Environment.ProcessorCount));

    private readonly ConcurrentDictionary<string, ModelSlot> _slots = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Names of the models in the directory, in order.</summary>
    public IReadOnlyList<string> Names =>
        [.. Files().Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.OrdinalIgnoreCase)];

    /// <summary>Whether a model is loaded and serves.</summary>
    public bool IsLoaded(string weightPath) =>
        ModelName.TryParse(weightPath, out var name) && _slots.TryGetValue(name, out var slot) && slot.IsLoaded;

    /// <summary>What is known of a model; loads it if it is not loaded yet.</summary>
    /// <exception cref="ModelException">The model is unknown or cannot be loaded.</exception>
    public async Task<ModelInfo> DescribeAsync(string weightPath, CancellationToken cancellationToken = default)
    {
        using var lease = await AcquireAsync(weightPath, cancellationToken).ConfigureAwait(false);
        return lease.Model.Info;
    }

    /// <summary>Reads a model anew. Requests in flight finish on the one they began with.</summary>
    /// <exception cref="ModelException">The model is unknown or cannot be loaded; a model loaded before keeps serving.</exception>
    public async Task<ModelInfo> ReloadAsync(string weightPath, CancellationToken cancellationToken = default)
    {
        using var lease = await Slot(weightPath).ReloadAsync(cancellationToken).ConfigureAwait(false);
        return lease.Model.Info;
    }

    /// <summary>Gives up the models; those in use are closed when their requests end.</summary>
    public void Dispose()
    {
        foreach (var slot in _slots.Values)
            slot.Dispose();
    }

    internal Task<ModelLease> AcquireAsync(string weightPath, CancellationToken cancellationToken) =>
        Slot(weightPath).AcquireAsync(cancellationToken);

    /// <summary>Does a batch's work as soon as there is a place for it; what waits holds no thread.</summary>
    /// <exception cref="OperationCanceledException">Cancelled before a place was free.</exception>
    internal async Task RunAsync(Action work, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await Task.Run(work, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _places.Release();
        }
    }

    private ModelSlot Slot(string weightPath)
    {
        if (!ModelName.TryParse(weightPath, out var name))
            throw NotFound(weightPath);
        if (_slots.TryGetValue(name, out var slot))
            return slot;
        var known = Names.FirstOrDefault(other => string.Equals(other, name, StringComparison.OrdinalIgnoreCase)) ?? throw NotFound(name);
        return _slots.GetOrAdd(known, key => new ModelSlot(() => ModelLoader.Load(key, Find(key), _options)));
    }

    private string Find(string name) => Files().FirstOrDefault(
        path => string.Equals(Path.GetFileNameWithoutExtension(path), name, StringComparison.OrdinalIgnoreCase)) ?? throw NotFound(name);

    private IEnumerable<string> Files() => Directory.Exists(directory)
        ? Directory.EnumerateFiles(directory).Where(path => Path.GetExtension(path).Equals(Extension, StringComparison.OrdinalIgnoreCase))
        : [];

    private static ModelException NotFound(string weightPath)
    {
        const int Shown = 100;
        return new ModelException(ModelFault.NotFound, $"无法找到权重文件: {(weightPath.Length > Shown ? weightPath[..Shown] + "…" : weightPath)}");
    }
}
