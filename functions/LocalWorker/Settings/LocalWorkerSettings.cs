using Microsoft.Extensions.Configuration;

namespace TumorFunctions.LocalWorker.Settings;

/// <summary>What the local worker alone can be told, in configuration.</summary>
internal static class LocalWorkerSettings
{
    /// <summary>Where the worker keeps its database: <c>LocalWorker:DataFolder</c>, by default the folder of the embedded stores.</summary>
    public static string DataFolder(IConfiguration configuration) =>
        configuration["LocalWorker:DataFolder"] ?? configuration["Storage:DataFolder"] ?? "data";

    /// <summary>Pause between two scans for new blobs: <c>LocalWorker:BlobScanSeconds</c>, 1 by default.</summary>
    public static TimeSpan BlobScanInterval(IConfiguration configuration) => Seconds(configuration, "LocalWorker:BlobScanSeconds", 1);

    /// <summary>Wait before the second attempt at a blob, which doubles with every further one:
    /// <c>LocalWorker:BlobRetrySeconds</c>, 2 by default.</summary>
    public static TimeSpan BlobRetryInterval(IConfiguration configuration) => Seconds(configuration, "LocalWorker:BlobRetrySeconds", 2);

    private static TimeSpan Seconds(IConfiguration configuration, string key, double otherwise)
    {
        var seconds = configuration.GetValue(key, otherwise);
        return seconds is > 0 and <= 86400
            ? TimeSpan.FromSeconds(seconds)
            : throw new InvalidDataException($"{key} is {seconds}: it must be more than 0 and at most 86400 seconds.");
    }
}
