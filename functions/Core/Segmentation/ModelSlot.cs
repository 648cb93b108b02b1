namespace TumorFunctions.Core.Segmentation;

/// <summary>The place of one model: empty until first asked for, then holding the model that serves.</summary>
internal sealed class ModelSlot(Func<Task<OnnxModel>> load) : IDisposable
{
    private readonly SemaphoreSlim _loading = new(1);
    private volatile OnnxModel? _current;
    private volatile bool _disposed;

    public bool IsLoaded => _current is not null;

    /// <summary>A lease on the model that serves; the first caller loads it and the others wait for that.</summary>
    public async Task<ModelLease> AcquireAsync(CancellationToken cancellationToken)
    {
        if (TryLease() is { } lease)
            return lease;
        await _loading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return TryLease() ?? await LoadAsync().ConfigureAwait(false);
        }
        finally
        {
            _loading.Release();
        }
    }

    public async Task<ModelLease> ReloadAsync(CancellationToken cancellationToken)
    {
        await _loading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await LoadAsync().ConfigureAwait(false);
        }
        finally
        {
            _loading.Release();
        }
    }

    /// <summary>Gives up the model of a file that is gone; who asks once more is told so by the loader.</summary>
    public async Task RetireAsync()
    {
        await _loading.WaitAsync().ConfigureAwait(false);
        try
        {
            Interlocked.Exchange(ref _current, null)?.Release();
        }
        finally
        {
            _loading.Release();
        }
    }

    public void Dispose()
    {
        _disposed = true;
        Interlocked.Exchange(ref _current, null)?.Release();
    }

    // A model may be swapped out between reading the field and taking the reference: then the next one is there already.
    private ModelLease? TryLease()
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(ModelRegistry));
        while (_current is { } model)
        {
            if (model.TryAddReference())
                return new ModelLease(model);
        }

        return null;
    }

    private async Task<ModelLease> LoadAsync()
    {
        ObjectDisposedException.ThrowIf(_disposed, typeof(ModelRegistry));
        var model = await Task.Run(load).ConfigureAwait(false);
        model.TryAddReference();
        Interlocked.Exchange(ref _current, model)?.Release();
        if (_disposed)
            Dispose();
        return new ModelLease(model);
    }
}

/// <summary>The right to use a model until disposed.</summary>
internal sealed class ModelLease(OnnxModel model) : IDisposable
{
    private OnnxModel? _model = model;

    public OnnxModel Model => _model ?? throw new ObjectDisposedException(nameof(ModelLease));

    public void Dispose() => Interlocked.Exchange(ref _model, null)?.Release();
}
