namespace TumorFunctions.Storage;

/// <summary>Hands out short-lived addresses that a client may write one blob to, and nothing else.</summary>
public interface IUploadUrls
{
    /// <param name="contentType">What the client is to send the content as.</param>
    /// <param name="maxBytes">Most bytes that are taken.</param>
    Task<UploadUrl> CreateAsync(
        BlobAddress address, string contentType, long maxBytes, TimeSpan lifetime, CancellationToken cancellationToken = default);
}

/// <param name="Url">Absolute, or relative to the API. Takes the whole content in one request, or blocks and then their list, as Azure
/// Blob Storage does: <c>?comp=block&amp;blockid=…</c> and <c>?comp=blocklist</c>.</param>
/// <param name="Method">Of the request that writes the whole content.</param>
/// <param name="Headers">What that request must carry.</param>
public sealed record UploadUrl(Uri Url, string Method, IReadOnlyDictionary<string, string> Headers, DateTimeOffset ExpiresAt);
