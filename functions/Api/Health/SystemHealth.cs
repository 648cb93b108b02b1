using Microsoft.Extensions.Logging;
using TumorFunctions.Api.Results;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Health;

/// <summary>What the parts that the API stands on answer right now.</summary>
public sealed class SystemHealth(IDocumentStore documents, IBlobStore blobs, ActiveModel model, ILogger<SystemHealth> logger)
{
    public async Task<HealthState> CheckAsync(CancellationToken cancellationToken)
    {
        var documentsAnswer = AnswersAsync("documents", documents.ProbeAsync(cancellationToken));
        var blobsAnswer = AnswersAsync("blobs", blobs.GetCapacityAsync(cancellationToken));
        return new HealthState(await documentsAnswer, await blobsAnswer, model.IsLoaded);
    }

    private async Task<bool> AnswersAsync(string store, Task probe)
    {
        try
        {
            await probe;
            return true;
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            logger.StoreUnreachable(exception, store);
            return false;
        }
    }
}

public sealed record HealthState(bool DocumentsReachable, bool BlobsReachable, bool ModelLoaded)
{
    public bool StoresReachable => DocumentsReachable && BlobsReachable;

    /// <summary>healthy; degraded while the model is missing; unhealthy while a store is.</summary>
    public string Status => (StoresReachable, ModelLoaded) switch
    {
        (true, true) => "healthy",
        (true, false) => "degraded",
        _ => "unhealthy",
    };
}
