namespace TumorFunctions.LocalWorker.Triggers.Blob;

/// <summary>Where blob triggers look. An app with blob functions registers one over its own store.</summary>
public interface IBlobTriggerSource
{
    /// <summary>The blobs of a container whose names begin with <paramref name="prefix"/>; none where there is no such container.</summary>
    IAsyncEnumerable<BlobTriggerVersion> ListAsync(string container, string prefix, CancellationToken cancellationToken);

    /// <summary>The version that exists now, or null where the blob has gone.</summary>
    Task<BlobTriggerContent?> OpenReadAsync(string container, string name, CancellationToken cancellationToken);
}

/// <param name="ETag">Another for every version.</param>
public sealed record BlobTriggerVersion(string Name, string ETag);

/// <summary>An open blob; disposing it closes the stream.</summary>
public sealed record BlobTriggerContent(string ETag, Stream Stream) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Stream.DisposeAsync();
}
