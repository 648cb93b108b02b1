using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TumorFunctions.Api.Hosting;
using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Api.Results;

/// <summary>The model that serves where a request names none, and the others by name.</summary>
public sealed class ActiveModel(ISegmentationEngine engine, IOptions<ModelOptions> options)
{
    private volatile ModelCard? _card;

    public bool IsLoaded => _card is not null;

    /// <summary>The default model's measured accuracy; null until it is loaded, or where nobody measured it.</summary>
    public double? Accuracy => _card?.Metrics?.Accuracy;

    /// <summary>The model that a weight path names, loaded; the default for null.</summary>
    /// <exception cref="ModelException">The model is unknown or cannot be loaded.</exception>
    public async Task<ModelInfo> LoadAsync(string? weightPath, CancellationToken cancellationToken)
    {
        var model = await engine.DescribeAsync(weightPath ?? options.Value.Default, cancellationToken);
        if (weightPath is null)
        {
            _card = model.Card;
        }

        return model;
    }

    /// <summary>Loads the default model's file anew; where that fails, the old one goes on serving.</summary>
    /// <exception cref="ModelException">It cannot be loaded.</exception>
    public async Task<ModelInfo> ReloadAsync(CancellationToken cancellationToken)
    {
        var model = await engine.ReloadAsync(options.Value.Default, cancellationToken);
        _card = model.Card;
        return model;
    }
}

/// <summary>Loads the default model while the app starts, so that the first clinician does not wait for it.</summary>
public sealed class ModelWarmUp(ActiveModel model, IOptions<ModelOptions> options, ILogger<ModelWarmUp> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var clock = Stopwatch.StartNew();
        try
        {
            var loaded = await model.LoadAsync(null, stoppingToken);
            logger.ModelReady(loaded.Name, loaded.Device, clock.ElapsedMilliseconds);
        }
        catch (ModelException exception)
        {
            // Everything but analysis works without a model, and a request for one says what is wrong.
            logger.ModelNotLoaded(exception, options.Value.Default);
        }
    }
}
