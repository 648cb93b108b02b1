using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TumorFunctions.Api.Admin;
using TumorFunctions.Api.Hosting;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Radiomics;
using TumorFunctions.Core.Segmentation;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Results;

/// <summary>The model that serves where a request names none, and the others by name. What was activated outlives a restart.</summary>
public sealed class ActiveModel(ISegmentationEngine engine, IDocumentStore documents, IOptions<ModelOptions> options)
{
    private static readonly DocumentAddress Address = new(RequestCounter.Container, "settings", "active_model");

    private volatile string? _name;
    private volatile ModelCard? _card;

    public bool IsLoaded => _card is not null;

    /// <summary>The active model's measured accuracy; null until it is loaded, or where nobody measured it.</summary>
    public double? Accuracy => _card?.Metrics?.Accuracy;

    /// <summary>Name of the model that serves where a request names none.</summary>
    public async ValueTask<string> NameAsync(CancellationToken cancellationToken)
    {
        if (_name is { } known)
        {
            return known;
        }

        var stored = await documents.ReadAsync<Activation>(Address, cancellationToken);
        Interlocked.CompareExchange(ref _name, stored?.Value.Model ?? options.Value.Default, null);
        return _name;
    }

    /// <summary>The model that a weight path names, loaded; the active one for null.</summary>
    /// <exception cref="ModelException">The model is unknown or cannot be loaded.</exception>
    public async Task<ModelInfo> LoadAsync(string? weightPath, CancellationToken cancellationToken)
    {
        var name = weightPath ?? await NameAsync(cancellationToken);
        var model = await engine.DescribeAsync(name, cancellationToken);
        if (weightPath is null)
        {
            Note(name, model);
        }

        return model;
    }

    /// <summary>The model that a weight path names, or the active one for null, to hold through an analysis.</summary>
    /// <exception cref="ModelException">The model is unknown or cannot be loaded.</exception>
    public async Task<ISegmentationModel> OpenAsync(string? weightPath, CancellationToken cancellationToken)
    {
        while (true)
        {
            var name = weightPath ?? await NameAsync(cancellationToken);
            try
            {
                return await engine.OpenAsync(name, cancellationToken);
            }
            catch (ModelException e) when (e.Fault == ModelFault.NotFound && weightPath is null && name != _name)
            {
                // Another model was activated and this one deleted since its name was read.
            }
        }
    }

    /// <summary>Loads the active model's file anew; where that fails, the old one goes on serving.</summary>
    /// <exception cref="ModelException">It cannot be loaded.</exception>
    public async Task<ModelInfo> ReloadAsync(CancellationToken cancellationToken)
    {
        var name = await NameAsync(cancellationToken);
        var model = await engine.ReloadAsync(name, cancellationToken);
        Note(name, model);
        return model;
    }

    /// <summary>Lets a model serve where a request names none. It is loaded first: where that fails, nothing changes.</summary>
    /// <exception cref="ModelException">The model is unknown or cannot be loaded.</exception>
    public async Task<ModelInfo> ActivateAsync(string weightPath, CancellationToken cancellationToken)
    {
        var model = await engine.DescribeAsync(weightPath, cancellationToken);
        await documents.UpsertAsync(Address, new Activation(model.Name), cancellationToken);
        _name = model.Name;
        Note(model.Name, model);
        return model;
    }

    /// <summary>Takes note that a model's file was replaced.</summary>
    public async Task RefreshAsync(string name, CancellationToken cancellationToken)
    {
        if (name.Equals(await NameAsync(cancellationToken), StringComparison.OrdinalIgnoreCase))
        {
            await LoadAsync(null, cancellationToken);
        }
    }

    // Another model may have been activated while this one was loaded.
    private void Note(string name, ModelInfo model)
    {
        if (name == _name)
        {
            _card = model.Card;
        }
    }

    private sealed record Activation(string Model);
}

/// <summary>Loads the active model while the app starts, so that the first clinician does not wait for it.</summary>
public sealed class ModelWarmUp(ActiveModel model, ModelUploads uploads, ILogger<ModelWarmUp> logger) : BackgroundService
{
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        uploads.Sweep();
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var clock = Stopwatch.StartNew();
        var name = await model.NameAsync(stoppingToken);
        try
        {
            var loaded = await model.LoadAsync(null, stoppingToken);
            MeasurePhantom();
            logger.ModelReady(loaded.Name, loaded.Device, clock.ElapsedMilliseconds);
        }
        catch (ModelException exception)
        {
            // Everything but analysis works without a model, and a request for one says what is wrong.
            logger.ModelNotLoaded(exception, name);
        }
    }

    // The features' code is compiled by its first use, which takes longer than a hundred later ones.
    private static void MeasurePhantom()
    {
        const int Side = 24;
        var voxels = new float[Side * Side];
        var inside = new byte[voxels.Length];
        for (var i = 0; i < voxels.Length; i++)
        {
            voxels[i] = 7 * i % 256;
            inside[i] = i % Side is > 4 and < 18 && i / Side is > 4 and < 18 ? (byte)1 : (byte)0;
        }

        var phantom = new Volume(voxels, Side, Side, 1) { Format = ImageFormat.Png, BitsPerSample = 8 };
        RadiomicsExtractor.Extract(phantom, new Mask(inside, Side, Side), new VoxelSpacing(1, 1, 1));
    }
}
