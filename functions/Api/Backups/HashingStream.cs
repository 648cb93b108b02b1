using System.Security.Cryptography;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Backups;

/// <summary>Passes content on and throws at its end, before a writer commits it, where it does not have the expected SHA-256.</summary>
public sealed class HashingStream(Stream inner, string sha256, string failure) : ReadOnlyStream
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private bool _isChecked;

    public override int Read(Span<byte> buffer)
    {
        var read = inner.Read(buffer);
        Note(buffer[..read], buffer.Length);
        return read;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        Note(buffer.Span[..read], buffer.Length);
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hash.Dispose();
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Note(ReadOnlySpan<byte> bytes, int asked)
    {
        if (bytes.Length > 0)
        {
            _hash.AppendData(bytes);
        }
        else if (asked > 0 && !_isChecked)
        {
            _isChecked = true;
            if (Convert.ToHexStringLower(_hash.GetHashAndReset()) != sha256)
            {
                throw new InvalidDataException(failure);
            }
        }
    }
}
