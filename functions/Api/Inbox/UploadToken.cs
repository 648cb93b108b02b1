using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using TumorFunctions.Api.Auth;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Inbox;

/// <summary>What an upload URL of the embedded store allows: content of one blob, up to a size, until a time.</summary>
public sealed record UploadGrant(string Container, string Name, string ContentType, long MaxBytes, long ExpiresAtMs)
{
    public BlobAddress Address => new(Container, Name);
}

/// <summary>Grants as text that only this API can write: base64url of the grant and of its HMAC-SHA256, joined by a dot.</summary>
public sealed class UploadTokens(SigningKey key, TimeProvider time)
{
    private const int MaxLength = 4096;

    public string Sign(UploadGrant grant)
    {
        var payload = JsonSerializer.SerializeToUtf8Bytes(grant);
        return $"{Base64Url.EncodeToString(payload)}.{Base64Url.EncodeToString(Mac(payload))}";
    }

    /// <summary>False for a token that is not ours, or no longer good.</summary>
    public bool TryRead(string token, [NotNullWhen(true)] out UploadGrant? grant)
    {
        grant = null;
        var dot = token.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0 || token.Length > MaxLength)
        {
            return false;
        }

        try
        {
            var payload = Base64Url.DecodeFromChars(token.AsSpan(0, dot));
            var mac = Base64Url.DecodeFromChars(token.AsSpan(dot + 1));
            if (CryptographicOperations.FixedTimeEquals(mac, Mac(payload)))
            {
                grant = JsonSerializer.Deserialize<UploadGrant>(payload);
            }
        }
        catch (FormatException)
        {
            return false;
        }

        return grant is not null && grant.ExpiresAtMs > time.GetUtcNow().ToUnixTimeMilliseconds();
    }

    // The key signs login tokens too: the first line keeps the two apart.
    private byte[] Mac(byte[] payload) => HMACSHA256.HashData(key.Bytes, (byte[])[.. Encoding.UTF8.GetBytes("inbox-upload\n"), .. payload]);
}

/// <summary>Upload URLs of the embedded store: the API's own <c>/inbox-uploads</c>.</summary>
public sealed class EmbeddedUploadUrls(UploadTokens tokens, TimeProvider time) : IUploadUrls
{
    public Task<UploadUrl> CreateAsync(
        BlobAddress address, string contentType, long maxBytes, TimeSpan lifetime, CancellationToken cancellationToken = default)
    {
        var expires = time.GetUtcNow() + lifetime;
        var token = tokens.Sign(new UploadGrant(address.Container, address.Name, contentType, maxBytes, expires.ToUnixTimeMilliseconds()));
        return Task.FromResult(new UploadUrl(
            new Uri($"/inbox-uploads/{token}", UriKind.Relative),
            "PUT",
            new Dictionary<string, string> { ["x-ms-blob-type"] = "BlockBlob", ["Content-Type"] = contentType },
            expires));
    }
}
