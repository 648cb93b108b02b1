using System.Buffers.Binary;
using TumorFunctions.Core.Imaging.Png;

namespace TumorFunctions.Core.Imaging;

/// <summary>Writes PNG files; streams are left open.</summary>
public static class PngWriter
{
    /// <summary>An image of 8-bit samples.</summary>
    /// <param name="samples">Rows from the top, channels interleaved: width × height × channels bytes.</param>
    /// <param name="channels">1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.</param>
    /// <param name="spacing">Written as pHYs where given.</param>
    /// <exception cref="ArgumentException">The number of samples does not fit the size.</exception>
    public static void Write(
        Stream destination, ReadOnlySpan<byte> samples, int width, int height, int channels = 1, VoxelSpacing? spacing = null)
    {
        PngColour colour = channels switch
        {
            1 => PngColour.Grey,
            2 => PngColour.GreyAlpha,
            3 => PngColour.Rgb,
            4 => PngColour.Rgba,
            _ => throw new ArgumentOutOfRangeException(nameof(channels), channels, "A PNG has 1 to 4 channels."),
        };
        RequireLength(samples.Length, width, height, channels);
        PngHeader header = new(width, height, 8, colour, Interlaced: false);
        WriteStart(destination, header, spacing);
        using (PngRowWriter rows = new(destination, header))
        {
            int rowBytes = header.RowBytes(width);
            for (int y = 0; y < height; y++)
                rows.Write(samples.Slice(y * rowBytes, rowBytes));
        }

        PngChunkWriter.Write(destination, PngChunkReader.Iend, []);
    }

    /// <summary>A grey image of 16-bit samples.</summary>
    /// <param name="samples">Rows from the top: width × height samples.</param>
    /// <inheritdoc cref="Write"/>
    public static void Write16(
        Stream destination, ReadOnlySpan<ushort> samples, int width, int height, VoxelSpacing? spacing = null)
    {
        RequireLength(samples.Length, width, height, 1);
        PngHeader header = new(width, height, 16, PngColour.Grey, Interlaced: false);
        WriteStart(destination, header, spacing);
        using (PngRowWriter rows = new(destination, header))
        {
            byte[] row = new byte[header.RowBytes(width)];
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                    BinaryPrimitives.WriteUInt16BigEndian(row.AsSpan(2 * x), samples[(y * width) + x]);
                rows.Write(row);
            }
        }

        PngChunkWriter.Write(destination, PngChunkReader.Iend, []);
    }

    private static void RequireLength(int samples, int width, int height, int channels)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (samples != (long)width * height * channels)
            throw new ArgumentException($"{samples} samples do not fill {width}×{height}×{channels}.", nameof(samples));
    }

    private static void WriteStart(Stream destination, PngHeader header, VoxelSpacing? spacing)
    {
        destination.Write(ImageSniffer.PngSignature);
        Span<byte> ihdr = stackalloc byte[PngHeader.Length];
        ihdr.Clear();
        BinaryPrimitives.WriteInt32BigEndian(ihdr, header.Width);
        BinaryPrimitives.WriteInt32BigEndian(ihdr[4..], header.Height);
        ihdr[8] = (byte)header.BitDepth;
        ihdr[9] = (byte)header.Colour;
        PngChunkWriter.Write(destination, PngChunkReader.Ihdr, ihdr);
        if (spacing is not { } s)
            return;

        const byte metre = 1;
        Span<byte> phys = stackalloc byte[9];
        BinaryPrimitives.WriteUInt32BigEndian(phys, (uint)Math.Round(1000 / s.X));
        BinaryPrimitives.WriteUInt32BigEndian(phys[4..], (uint)Math.Round(1000 / s.Y));
        phys[8] = metre;
        PngChunkWriter.Write(destination, PngChunkReader.Phys, phys);
    }
}
