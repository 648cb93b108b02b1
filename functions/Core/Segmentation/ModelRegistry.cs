using System.Text.RegularExpressions;

namespace TumorFunctions.Core.Segmentation;

/// <summary>
/// The models of one folder: <c>name.onnx</c> with its card <c>name.json</c>. A model is loaded once, on first use, and stays warm;
/// reloading swaps it while requests in flight finish on the old one.
/// </summary>
public sealed partial class ModelRegistry(string folder) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, LoadedModel> _loaded = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task<LoadedModel>> _loading = new(StringComparer.Ordinal);
    private bool _disposed;

    /// <summary>Names of the models there are.</summary>
    public IReadOnlyList<string> Names => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, "*.onnx").Select(Path.GetFileNameWithoutExtension).OfType<string>().Order(StringComparer.Ordinal)]
        : [];

    /// <summary>
    /// The model that a weight path names: its last segment without extension, case ignored. <c>Yolov11_best.pt</c>,
    /// <c>weights/Yolov11_best.onnx</c> and <c>Yolov11_best</c> are one model; a path never leads out of the registry.
    /// </summary>
    /// <exception cref="ModelException">There is no such model.</exception>
    public string Resolve(string weightPath)
    {
        var segment = weightPath[(weightPath.AsSpan().LastIndexOfAny('/', '\\') + 1)..];
        var name = Extension().Replace(segment, "");
        return Names.FirstOrDefault(known => known.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new ModelException($"无法找到权重文件: {(segment.Length <= 100 ? segment : segment[..100])}");
    }

    public bool IsLoaded(string name)
    {
        lock (_gate)
        {
            return _loaded.ContainsKey(name);
        }
    }

    /// <summary>The model's facts, loading it if need be.</summary>
    /// <exception cref="ModelException">The model is unknown or cannot be loaded.</exception>
    public async Task<ModelFacts> DescribeAsync(string name, CancellationToken cancellationToken = default)
    {
        using var model = await LeaseAsync(name, cancellationToken).ConfigureAwait(false);
        return Facts(model);
    }

    /// <summary>Loads the model's file anew. Where that fails, the model as loaded before goes on serving.</summary>
    /// <exception cref="ModelException">The model is unknown or cannot be loaded.</exception>
    public async Task<ModelFacts> ReloadAsync(string name, CancellationToken cancellationToken = default)
    {
        var fresh = await Task.Run(() => Load(name), cancellationToken).ConfigureAwait(false);
        LoadedModel? old;
        lock (_gate)
        {
            if (_disposed)
            {
                fresh.Dispose();
                throw new ObjectDisposedException(nameof(ModelRegistry));
            }

            _loaded.Remove(name, out old);
            _loaded[name] = fresh;
        }

        old?.Dispose();
        return Facts(fresh);
    }

    public void Dispose()
    {
        LoadedModel[] models;
        lock (_gate)
        {
            _disposed = true;
            models = [.. _loaded.Values];
            _loaded.Clear();
        }

        foreach (var model in models)
        {
            model.Dispose();
        }
    }

    /// <summary>A lease on the warm model; disposing it ends the lease.</summary>
    internal async Task<LoadedModel> LeaseAsync(string name, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task<LoadedModel> loading;
            lock (_gate)
            {
                ObjectDisposedException.ThrowIf(_disposed, this);
                if (_loaded.TryGetValue(name, out var loaded) && loaded.TryLease())
                {
                    return loaded;
                }

                if (!_loading.TryGetValue(name, out loading!))
                {
                    loading = Task.Run(() => LoadOnce(name), CancellationToken.None);
                    _loading.Add(name, loading);
                }
            }

            await loading.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private LoadedModel LoadOnce(string name)
    {
        try
        {
            var model = Load(name);
            lock (_gate)
            {
                // A reload that came between has the newer file.
                if (_disposed || !_loaded.TryAdd(name, model))
                {
                    model.Dispose();
                }
            }

            return model;
        }
        finally
        {
            lock (_gate)
            {
                _loading.Remove(name);
            }
        }
    }

    private LoadedModel Load(string name)
    {
        var path = Path.Combine(folder, $"{Resolve(name)}.onnx");
        return new LoadedModel(name, path, ModelCard.Read(Path.ChangeExtension(path, ".json")));
    }

    private static ModelFacts Facts(LoadedModel model) =>
        new(model.Name, model.Card, model.Device, model.LatencyMs, model.UpdatedAt, $"models/{Path.GetFileName(model.Path)}");

    [GeneratedRegex(@"\.(pt|onnx)$", RegexOptions.IgnoreCase)]
    private static partial Regex Extension();
}

/// <summary>What a loaded model says of itself.</summary>
/// <param name="Device">cpu or cuda.</param>
/// <param name="LatencyMs">Median of its latest runs.</param>
/// <param name="UpdatedAt">When its file was written, UTC.</param>
/// <param name="WeightsPath">Relative to the app.</param>
public sealed record ModelFacts(
    string Name, ModelCard Card, string Device, double? LatencyMs, DateTimeOffset UpdatedAt, string WeightsPath);
