using System.Text.Json.Serialization;
using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Api.Admin;

/// <param name="Version">Name and version of the weights.</param>
/// <param name="Card">All that is known of the model: data, split, figures, limitations.</param>
public sealed record ModelAnswer(
    string Version,
    string Framework,
    ModelPerformance Performance,
    DateTimeOffset LastUpdated,
    string WeightsPath,
    long? TotalParameters,
    string Device,
    ModelCard Card);

/// <summary>Figures from the model's card, measured on validation patients, and the latency of this instance.</summary>
/// <param name="Accuracy">Share of validation slices, with and without tumour, that are called right.</param>
/// <param name="LatencyMs">Time of the network for a slice on this instance: a moving mean, in milliseconds.</param>
public sealed record ModelPerformance(
    double? Accuracy,
    double? LatencyMs,
    [property: JsonPropertyName("mAP50")] double? MeanAveragePrecision50,
    [property: JsonPropertyName("mAP50_95")] double? MeanAveragePrecision50To95,
    double? Dice);

public sealed record ModelReloadAnswer(
    string Message, string Version, ModelPerformance Performance, [property: JsonPropertyName("reload_time_s")] double ReloadSeconds);

/// <param name="ServerStatus">healthy, degraded or unhealthy.</param>
/// <param name="UptimeHours">Hours since this instance started.</param>
/// <param name="StorageUsage">Share of the blob storage that is in use, in percent; null where the service has no bound.</param>
/// <param name="StorageTotal">What fits into the blob storage, or "unlimited".</param>
/// <param name="ApiCalls">HTTP calls since the stores were made.</param>
/// <param name="CpuPercent">Load of the machine since the last reading.</param>
/// <param name="MemoryPercent">Memory of the machine in use.</param>
/// <param name="MemoryAvailableGb">Memory of the machine that is free, GiB.</param>
/// <param name="DatabaseStatus">connected or disconnected.</param>
public sealed record MonitorAnswer(
    [property: JsonPropertyName("serverStatus")] string ServerStatus,
    double UptimeHours,
    [property: JsonPropertyName("storageUsage")] double? StorageUsage,
    [property: JsonPropertyName("storageTotal")] string StorageTotal,
    long StorageUsedBytes,
    [property: JsonPropertyName("apiCalls")] long ApiCalls,
    double CpuPercent,
    double MemoryPercent,
    double MemoryAvailableGb,
    string DatabaseStatus,
    bool ModelLoaded);
