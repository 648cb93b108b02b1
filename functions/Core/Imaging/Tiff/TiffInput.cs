using System.Buffers.Binary;

namespace TumorFunctions.Core.Imaging.Tiff;

/// <summary>A TIFF or BigTIFF file: byte order, widths of its offsets, and reads at any offset.</summary>
internal sealed class TiffInput
{
    private const string What = "The TIFF";
    private const int BigTiff = 43;

    private readonly Stream _stream;

    /// <summary>Reads the header.</summary>
    public TiffInput(Stream stream)
    {
        _stream = stream;
        Length = stream.Length;
        Span<byte> head = stackalloc byte[8];
        Read(0, head);
        BigEndian = head[0] == (byte)'M';
        IsBig = UInt16(head[2..]) == BigTiff;
        if (!IsBig)
        {
            FirstDirectory = UInt32(head[4..]);
            return;
        }

        if (UInt16(head[4..]) != sizeof(ulong))
            throw Refusal.Corrupt("The BigTIFF states offsets of another width than 8 bytes.");
        Read(8, head);
        FirstDirectory = Offset(UInt64(head));
    }

    public bool BigEndian { get; }

    public bool IsBig { get; }

    public long Length { get; }

    public long FirstDirectory { get; }

    /// <summary>Fills the span from the offset on.</summary>
    public void Read(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset > Length - destination.Length)
        {
            throw Refusal.Corrupt(
                $"The TIFF is truncated or damaged: it refers to {destination.Length} bytes at {offset}, and the file has {Length}.");
        }

        _stream.Position = offset;
        _stream.ReadWhole(destination, What);
    }

    /// <summary>An offset as the directory holds it, within the file.</summary>
    public long Offset(ulong value) => value <= (ulong)Length
        ? (long)value
        : throw Refusal.Corrupt($"The TIFF is truncated or damaged: it refers to offset {value}, and the file has {Length} bytes.");

    public ushort UInt16(ReadOnlySpan<byte> bytes) =>
        BigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    public uint UInt32(ReadOnlySpan<byte> bytes) =>
        BigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);

    public ulong UInt64(ReadOnlySpan<byte> bytes) =>
        BigEndian ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : BinaryPrimitives.ReadUInt64LittleEndian(bytes);
}
