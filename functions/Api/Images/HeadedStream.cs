using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Images;

/// <summary>A stream whose first bytes were read ahead, to be looked at before it is read on from its start.</summary>
public sealed class HeadedStream : ReadOnlyStream
{
    private readonly Stream _inner;
    private readonly byte[] _head;
    private int _given;

    private HeadedStream(Stream inner, byte[] head)
    {
        _inner = inner;
        _head = head;
    }

    public ReadOnlySpan<byte> Head => _head;

    public static async Task<HeadedStream> CreateAsync(Stream inner, int headLength, CancellationToken cancellationToken)
    {
        var head = new byte[headLength];
        var read = await inner.ReadAtLeastAsync(head, headLength, throwOnEndOfStream: false, cancellationToken);
        return new HeadedStream(inner, head[..read]);
    }

    public override int Read(Span<byte> buffer)
    {
        var fromHead = TakeHead(buffer);
        return fromHead > 0 ? fromHead : _inner.Read(buffer);
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var fromHead = TakeHead(buffer.Span);
        return fromHead > 0 ? fromHead : await _inner.ReadAsync(buffer, cancellationToken);
    }

    private int TakeHead(Span<byte> buffer)
    {
        var count = Math.Min(buffer.Length, _head.Length - _given);
        _head.AsSpan(_given, count).CopyTo(buffer);
        _given += count;
        return count;
    }
}
