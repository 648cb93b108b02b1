namespace TumorFunctions.Api.Http;

/// <summary>A view of a stream that throws the given exception once more than the allowed bytes have come.</summary>
public sealed class LimitedStream(Stream inner, long maxBytes, Func<Exception> onExceeded) : ReadOnlyStream
{
    private long _read;

    public override int Read(Span<byte> buffer) => Count(inner.Read(buffer));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        Count(await inner.ReadAsync(buffer, cancellationToken));

    private int Count(int bytes)
    {
        _read += bytes;
        return _read <= maxBytes ? bytes : throw onExceeded();
    }
}
