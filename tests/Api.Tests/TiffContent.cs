using System.Buffers.Binary;
using System.Net;

namespace TumorFunctions.Api.Tests;

/// <summary>An uncompressed 16-bit TIFF of several pages, written as it is sent: strips of some rows, directories at the end.</summary>
public sealed class TiffContent(int width, int height, int pages) : HttpContent
{
    private const int RowsPerStrip = 64;
    private const int SampleBytes = 2;

    private int Strips => (height + RowsPerStrip - 1) / RowsPerStrip;

    private int DirectoryLength => 2 + (9 * 12) + 4 + (Strips * 8);

    public long Length => 8 + (pages * (((long)width * height * SampleBytes) + DirectoryLength));

    protected override bool TryComputeLength(out long length)
    {
        length = Length;
        return true;
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        var imageLength = (long)width * height * SampleBytes;
        var header = new byte[8];
        header[0] = header[1] = (byte)'I';
        header[2] = 42;
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(4), (uint)(8 + (pages * imageLength)));
        await stream.WriteAsync(header);

        var row = new byte[width * SampleBytes];
        for (var page = 0; page < pages; page++)
        {
            for (var y = 0; y < height; y++)
            {
                row.AsSpan().Fill((byte)(y * 255 / height));
                await stream.WriteAsync(row);
            }
        }

        for (var page = 0; page < pages; page++)
        {
            await stream.WriteAsync(Directory(8 + (page * imageLength), 8 + (pages * imageLength) + ((long)page * DirectoryLength), page == pages - 1));
        }
    }

    private byte[] Directory(long pixels, long position, bool last)
    {
        var bytes = new byte[DirectoryLength];
        var arrays = position + 2 + (9 * 12) + 4;
        (int Tag, int Type, int Count, long Value)[] entries =
        [
            (256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8 * SampleBytes), (259, 3, 1, 1), (262, 3, 1, 1),
            (273, 4, Strips, arrays), (277, 3, 1, 1), (278, 4, 1, RowsPerStrip), (279, 4, Strips, arrays + (Strips * 4)),
        ];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)entries.Length);
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = bytes.AsSpan(2 + (i * 12));
            BinaryPrimitives.WriteUInt16LittleEndian(entry, (ushort)entries[i].Tag);
            BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], (ushort)entries[i].Type);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], (uint)entries[i].Count);
            BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], (uint)entries[i].Value);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(2 + (9 * 12)), last ? 0 : (uint)(position + DirectoryLength));
        for (var strip = 0; strip < Strips; strip++)
        {
            var rows = Math.Min(RowsPerStrip, height - (strip * RowsPerStrip));
            var at = bytes.AsSpan(2 + (9 * 12) + 4 + (strip * 4));
            BinaryPrimitives.WriteUInt32LittleEndian(at, (uint)(pixels + ((long)strip * RowsPerStrip * width * SampleBytes)));
            BinaryPrimitives.WriteUInt32LittleEndian(at[(Strips * 4)..], (uint)(rows * width * SampleBytes));
        }

        return bytes;
    }
}
