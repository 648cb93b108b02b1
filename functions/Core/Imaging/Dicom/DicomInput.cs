using System.Buffers.Binary;

namespace TumorFunctions.Core.Imaging.Dicom;

/// <summary>A DICOM stream read forwards only, with a look ahead.</summary>
/// <param name="available">Bytes that a stream which cannot seek can yield at most.</param>
internal sealed class DicomInput(Stream stream, long available = long.MaxValue)
{
    private const string What = "The DICOM file";

    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _position;
    private int _end;
    private long _consumed;

    /// <summary>Byte order of numbers from here on.</summary>
    public bool BigEndian { get; set; }

    /// <summary>Bytes passed so far.</summary>
    public long Position => _consumed + _position;

    /// <summary>Bytes left, where the stream can tell; else as many as there could be.</summary>
    public long Remaining => stream.CanSeek
        ? _end - _position + stream.Length - stream.Position
        : Math.Max(0, available - Position);

    /// <summary>The next bytes, unconsumed; fewer at the end of the stream.</summary>
    /// <param name="length">At most the size of the buffer.</param>
    public ReadOnlySpan<byte> Peek(int length)
    {
        while (_end - _position < length)
        {
            _buffer.AsSpan(_position, _end - _position).CopyTo(_buffer);
            _consumed += _position;
            _end -= _position;
            _position = 0;
            int count = stream.Read(_buffer.AsSpan(_end));
            if (count == 0)
                break;
            _end += count;
        }

        return _buffer.AsSpan(_position, Math.Min(length, _end - _position));
    }

    public bool IsAtEnd => Peek(1).IsEmpty;

    public void Read(Span<byte> destination)
    {
        int buffered = Math.Min(destination.Length, _end - _position);
        _buffer.AsSpan(_position, buffered).CopyTo(destination);
        _position += buffered;
        if (buffered == destination.Length)
            return;

        stream.ReadWhole(destination[buffered..], What);
        _consumed += destination.Length - buffered;
    }

    public void Skip(long count)
    {
        int buffered = (int)Math.Min(count, _end - _position);
        _position += buffered;
        count -= buffered;
        if (count == 0)
            return;

        if (stream.CanSeek)
        {
            if (count > stream.Length - stream.Position)
                throw Refusal.Truncated(What);
            stream.Position += count;
            _consumed += count;
            return;
        }

        while (count > 0)
        {
            int step = (int)Math.Min(count, _buffer.Length);
            if (Peek(step).Length < step)
                throw Refusal.Truncated(What);
            _position += step;
            count -= step;
        }
    }

    /// <summary>The rest of the data set through another stream, as a deflated transfer syntax needs it.</summary>
    public Stream Rest() => new RestStream(this);

    public ushort ReadUInt16()
    {
        Span<byte> bytes = stackalloc byte[sizeof(ushort)];
        Read(bytes);
        return ToUInt16(bytes);
    }

    public uint ReadUInt32()
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        Read(bytes);
        return ToUInt32(bytes);
    }

    /// <summary>Group, then element.</summary>
    public uint ReadTag() => ((uint)ReadUInt16() << 16) | ReadUInt16();

    public ushort ToUInt16(ReadOnlySpan<byte> bytes) =>
        BigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    public uint ToUInt32(ReadOnlySpan<byte> bytes) =>
        BigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    private sealed class RestStream(DicomInput input) : Stream
    {
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
            int count = Math.Min(buffer.Length, input.Peek(1).Length == 0 ? 0 : input._end - input._position);
            input.Read(buffer[..count]);
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
