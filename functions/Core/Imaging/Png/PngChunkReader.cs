using System.Buffers.Binary;

namespace TumorFunctions.Core.Imaging.Png;

/// <summary>
/// Walks the chunks of a PNG. As a stream it is the concatenated content of consecutive IDAT chunks, their checksums
/// verified on the way.
/// </summary>
internal sealed class PngChunkReader(Stream source) : Stream
{
    public const uint Ihdr = 0x49484452;
    public const uint Plte = 0x504C5445;
    public const uint Idat = 0x49444154;
    public const uint Iend = 0x49454E44;
    public const uint Phys = 0x70485973;
    public const uint Actl = 0x6163544C;

    private uint _remaining;
    private Crc32 _crc;

    /// <summary>Type of the chunk whose content comes next.</summary>
    public uint Type { get; private set; }

    /// <summary>The name of the chunk's type.</summary>
    public string TypeName => string.Concat(Enumerable.Range(0, 4).Select(i => (char)(byte)(Type >> (24 - (8 * i)))));

    /// <summary>Chunks that a decoder must understand have a capital first letter.</summary>
    public bool IsCritical => (Type & 0x20000000) == 0;

    public void Next()
    {
        Span<byte> head = stackalloc byte[8];
        source.ReadWhole(head, "The PNG");
        _remaining = BinaryPrimitives.ReadUInt32BigEndian(head);
        Type = BinaryPrimitives.ReadUInt32BigEndian(head[4..]);
        if (_remaining > source.Length - source.Position)
            throw Refusal.Corrupt($"The PNG is truncated: its {TypeName} chunk states {_remaining} bytes and {source.Length - source.Position} follow.");

        _crc = default;
        _crc.Append(head[4..]);
    }

    /// <summary>The content of the chunk, verified.</summary>
    public byte[] ReadContent(int limit)
    {
        if (_remaining > limit)
            throw Refusal.Corrupt($"The {TypeName} chunk of the PNG has {_remaining} bytes; at most {limit} are valid.");

        byte[] content = new byte[_remaining];
        source.ReadWhole(content, "The PNG");
        _crc.Append(content);
        _remaining = 0;
        Verify();
        return content;
    }

    /// <summary>Passes over the rest of the chunk and its checksum unread.</summary>
    public void Skip()
    {
        if (source.Length - source.Position < _remaining + 4L)
            throw Refusal.Truncated("The PNG");

        source.Position += _remaining + 4L;
        _remaining = 0;
    }

    /// <summary>Reads on to the end of the image data, so that every checksum of it is verified.</summary>
    public void DrainImageData()
    {
        Span<byte> rest = stackalloc byte[1024];
        while (Read(rest) > 0)
        {
        }
    }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;

        while (Type == Idat && _remaining == 0)
        {
            Verify();
            Next();
        }

        if (Type != Idat)
            return 0;

        int count = source.Read(buffer[..(int)Math.Min((uint)buffer.Length, _remaining)]);
        if (count == 0)
            throw Refusal.Truncated("The PNG");

        _crc.Append(buffer[..count]);
        _remaining -= (uint)count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void Verify()
    {
        Span<byte> stated = stackalloc byte[4];
        source.ReadWhole(stated, "The PNG");
        if (BinaryPrimitives.ReadUInt32BigEndian(stated) != _crc.Value)
            throw Refusal.Corrupt($"The checksum of the {TypeName} chunk of the PNG does not match its content.");
    }
}
