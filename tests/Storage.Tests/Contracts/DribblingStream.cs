namespace TumorFunctions.Storage.Tests.Contracts;

/// <summary>
/// Gives its content in uneven pieces, as a network does, and cannot seek; <paramref name="halfway"/> runs once, with half read.
/// </summary>
internal sealed class DribblingStream(byte[] content, Action? halfway = null) : Stream
{
    private readonly Random _random = new(content.Length);
    private int _position;
    private bool _passed;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        if (!_passed && _position >= content.Length / 2)
        {
            _passed = true;
            halfway?.Invoke();
        }

        var piece = Math.Min(Math.Min(_random.Next(1, 200_000), buffer.Length), content.Length - _position);
        content.AsSpan(_position, piece).CopyTo(buffer);
        _position += piece;
        return piece;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        return Read(buffer.Span);
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
