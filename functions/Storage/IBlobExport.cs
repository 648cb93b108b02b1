namespace TumorFunctions.Storage;

/// <summary>
/// The blobs of all containers as they were at a moment, to be copied elsewhere. While a hold is on, what is overwritten or deleted is
/// gone for everyone else, but its content stays readable here. A service does the same by blob versioning, which its account must have
/// switched on.
/// </summary>
public interface IBlobExport
{
    /// <summary>
    /// From the return of this call every version that exists is kept. Where a hold of this name is on already it stays, through restarts
    /// too; a hold of another name is given up.
    /// </summary>
    /// <param name="hold">1 to 63 of a-z, 0-9 and '-'.</param>
    /// <exception cref="StorageAddressException">The name breaks that rule.</exception>
    Task HoldAsync(string hold, CancellationToken cancellationToken = default);

    /// <summary>
    /// For every name the newest version written no later than <paramref name="asOf"/>, a moment since the hold began. All blobs of that
    /// moment are among them; those deleted between the hold and that moment may be too. In ordinal order of container, then name.
    /// </summary>
    /// <exception cref="SnapshotNotFoundException">This hold is not on.</exception>
    IAsyncEnumerable<BlobProperties> ListHeldAsync(string hold, DateTimeOffset asOf, CancellationToken cancellationToken = default);

    /// <summary>A seekable stream over the content of a version.</summary>
    /// <exception cref="BlobNotFoundException">There is no such version (any more).</exception>
    Task<Stream> OpenHeldAsync(BlobAddress address, string etag, CancellationToken cancellationToken = default);

    /// <summary>Ends a hold and deletes what only it kept; without effect where it is not on.</summary>
    Task ReleaseAsync(string hold, CancellationToken cancellationToken = default);
}
