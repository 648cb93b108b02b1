using System.Diagnostics;
using System.Globalization;
using TumorFunctions.Api.Health;
using TumorFunctions.Api.Results;
using TumorFunctions.Core.Segmentation;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Admin;

/// <summary>What administrators see of model and machine.</summary>
public sealed class AdminService(ActiveModel model, SystemHealth health, IBlobStore blobs, RequestCounter calls, MachineReadings machine)
{
    private static readonly string[] Units = ["B", "KB", "MB", "GB", "TB", "PB"];

    public async Task<ModelAnswer> ModelAsync(CancellationToken cancellationToken) => Describe(await model.LoadAsync(null, cancellationToken));

    public async Task<ModelReloadAnswer> ReloadAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var loaded = Describe(await model.ReloadAsync(cancellationToken));
        return new ModelReloadAnswer(
            "Model reloaded successfully", loaded.Version, loaded.Performance, Math.Round(clock.Elapsed.TotalSeconds, 2));
    }

    public async Task<MonitorAnswer> MonitorAsync(CancellationToken cancellationToken)
    {
        var state = await health.CheckAsync(cancellationToken);
        var capacity = state.BlobsReachable ? await blobs.GetCapacityAsync(cancellationToken) : new BlobStoreCapacity(0, null);
        var apiCalls = state.DocumentsReachable ? await calls.TotalAsync(cancellationToken) : 0;
        var memory = MachineReadings.Memory();
        return new MonitorAnswer(
            state.Status,
            Math.Round(machine.UptimeHours, 3),
            capacity.TotalBytes is > 0 and var total ? Math.Round(100.0 * capacity.UsedBytes / total, 4) : null,
            capacity.TotalBytes is { } bytes ? Readable(bytes) : "unlimited",
            capacity.UsedBytes,
            apiCalls,
            Math.Round(machine.CpuPercent(), 1),
            Math.Round(memory.UsedPercent, 1),
            Math.Round(memory.AvailableGb, 1),
            state.DocumentsReachable ? "connected" : "disconnected",
            state.ModelLoaded);
    }

    internal static ModelAnswer Describe(ModelInfo model) => new(
        model.Card.Version is { } version ? $"{model.Name} {version}" : model.Name,
        model.Card.Framework ?? "onnx",
        new ModelPerformance(
            model.Card.Metrics?.Accuracy,
            Math.Round(model.Latency.TotalMilliseconds, 2),
            model.Card.Metrics?.BoxMap50,
            model.Card.Metrics?.BoxMap50To95,
            model.Card.Metrics?.DiceSliceMean),
        model.LastModified,
        $"models/{model.FileName}",
        model.Card.Parameters,
        model.Device,
        model.Card);

    private static string Readable(long bytes)
    {
        var unit = 0;
        var value = (double)bytes;
        while (value >= 1024 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#}{Units[unit]}");
    }
}
