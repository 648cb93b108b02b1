namespace TumorFunctions.Storage.AzureBlobs;

/// <summary>How <see cref="AzureBlobStore"/> cuts content up and how fresh its sums are.</summary>
public sealed record AzureBlobOptions
{
    /// <summary>
    /// Bytes of a block. Content below it goes up in one request; a blob has at most 50,000 blocks, so 4 MiB allow 195 GiB. An open
    /// blob holds one window of this size, and a blob that fits into it is read in one request.
    /// </summary>
    public int BlockLength { get; init; } = 4 << 20;

    /// <summary>
    /// How old the sum over all blobs may be. The service bills one listing operation for every 5,000 blobs of a new sum.
    /// </summary>
    public TimeSpan CapacityAge { get; init; } = TimeSpan.FromMinutes(10);
}
