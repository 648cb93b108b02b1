using System.Buffers.Binary;

namespace TumorFunctions.Core.Imaging.Png;

/// <summary>Writes single chunks; as a stream it cuts what it is given into IDAT chunks.</summary>
internal sealed class PngChunkWriter(Stream destination) : Stream
{
    private readonly byte[] _content = new byte[64 * 1024];
    private int _count;

    public static void Write(Stream destination, uint type, ReadOnlySpan<byte> content)
    {
        Span<byte> head = stackalloc byte[8];
        BinaryPrimitives.WriteInt32BigEndian(head, content.Length);
        BinaryPrimitives.WriteUInt32BigEndian(head[4..], type);
        Crc32 crc = default;
        crc.Append(head[4..]);
        crc.Append(content);
        Span<byte> tail = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(tail, crc.Value);
        destination.Write(head);
        destination.Write(content);
        destination.Write(tail);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            int count = Math.Min(buffer.Length, _content.Length - _count);
            buffer[..count].CopyTo(_content.AsSpan(_count));
            buffer = buffer[count..];
            _count += count;
            if (_count == _content.Length)
                WriteChunk();
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    /// <summary>Writes what is left as the last chunk.</summary>
    protected override void Dispose(bool disposing)
    {
        if (disposing && _count > 0)
            WriteChunk();
        base.Dispose(disposing);
    }

    private void WriteChunk()
    {
        Write(destination, PngChunkReader.Idat, _content.AsSpan(0, _count));
        _count = 0;
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
