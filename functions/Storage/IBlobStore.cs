namespace TumorFunctions.Storage;

/// <summary>
/// Blobs addressed by (container, name), streamed both ways. A write is seen whole or not at all: until it has succeeded, readers
/// and listings show what was there before.
/// </summary>
public interface IBlobStore
{
    /// <summary>Writes all of <paramref name="content"/>, which need not be seekable and is never held whole in memory.</summary>
    /// <exception cref="BlobConflictException">The blob exists and <see cref="BlobWriteOptions.Overwrite"/> is off.</exception>
    /// <exception cref="BlobPreconditionException"><see cref="BlobWriteOptions.IfMatch"/> does not match.</exception>
    Task<BlobProperties> WriteAsync(
        BlobAddress address, Stream content, BlobWriteOptions options, CancellationToken cancellationToken = default);

    /// <summary>The blob's properties, or null when there is none.</summary>
    Task<BlobProperties?> GetPropertiesAsync(BlobAddress address, CancellationToken cancellationToken = default);

    /// <summary>
    /// A seekable read stream over the version that exists now; a later overwrite or delete does not disturb it. A store that cannot
    /// keep the old version of a large blob fails the next read of it with <see cref="BlobPreconditionException"/>: two versions are
    /// never mixed.
    /// </summary>
    /// <exception cref="BlobNotFoundException">There is no such blob.</exception>
    Task<BlobContent> OpenReadAsync(BlobAddress address, CancellationToken cancellationToken = default);

    /// <summary>Deletes; false when there was nothing to delete.</summary>
    Task<bool> DeleteAsync(BlobAddress address, CancellationToken cancellationToken = default);

    /// <summary>The blobs of a container in the ordinal order of their names; none where nothing was ever written.</summary>
    IAsyncEnumerable<BlobProperties> ListAsync(
        string container, string prefix = "", CancellationToken cancellationToken = default);

    /// <summary>Bytes used and, where the store has a bound, bytes in all.</summary>
    Task<BlobStoreCapacity> GetCapacityAsync(CancellationToken cancellationToken = default);
}

/// <summary>
/// Where a blob lives. Container: 3 to 63 of a-z, 0-9 and '-'. Name: 1 to 1,024 characters, '/' as separator, any Unicode, no empty,
/// '.' or '..' segment, no backslash, no control characters.
/// </summary>
public readonly record struct BlobAddress(string Container, string Name);

public sealed record BlobWriteOptions
{
    public required string ContentType { get; init; }

    public bool Overwrite { get; init; }

    /// <summary>The write succeeds only over the version with this ETag.</summary>
    public string? IfMatch { get; init; }

    /// <summary>
    /// The content can be made again from other blobs, so a store need not wait until a power cut could no longer take it away. A killed
    /// process loses nothing either way.
    /// </summary>
    public bool Recomputable { get; init; }

    /// <summary>Small facts kept beside the content; names of lower-case letters, digits and '_', ASCII values.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();
}

/// <param name="Length">Bytes.</param>
/// <param name="LastModified">When this version was written, UTC.</param>
public sealed record BlobProperties(
    BlobAddress Address,
    long Length,
    string ContentType,
    string ETag,
    DateTimeOffset LastModified,
    IReadOnlyDictionary<string, string> Metadata);

/// <summary>An open blob; disposing it closes the stream.</summary>
public sealed record BlobContent(BlobProperties Properties, Stream Stream) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => Stream.DisposeAsync();
}

/// <param name="UsedBytes">Bytes of all blobs.</param>
/// <param name="TotalBytes">Bytes that fit (used and free), or null where the service states no bound.</param>
public sealed record BlobStoreCapacity(long UsedBytes, long? TotalBytes);
