using System.Buffers.Binary;

namespace TumorFunctions.Core.Imaging.Png;

internal enum PngColour : byte
{
    Grey = 0,
    Rgb = 2,
    Palette = 3,
    GreyAlpha = 4,
    Rgba = 6,
}

/// <summary>The IHDR chunk (PNG specification, 11.2.1).</summary>
internal sealed record PngHeader(int Width, int Height, int BitDepth, PngColour Colour, bool Interlaced)
{
    public const int Length = 13;

    public int Channels => Colour switch
    {
        PngColour.GreyAlpha => 2,
        PngColour.Rgb => 3,
        PngColour.Rgba => 4,
        _ => 1,
    };

    /// <summary>Distance in bytes to the pixel that the filters predict from, at least one.</summary>
    public int FilterDistance => Math.Max(1, BitDepth * Channels / 8);

    /// <summary>Bytes of a row of <paramref name="width"/> pixels without its filter byte.</summary>
    public int RowBytes(int width) => checked((int)((((long)width * BitDepth * Channels) + 7) / 8));

    public static PngHeader Parse(ReadOnlySpan<byte> data, ImageLimits limits)
    {
        if (data.Length != Length)
            throw Refusal.Corrupt($"The PNG header has {data.Length} bytes instead of {Length}.");

        uint width = BinaryPrimitives.ReadUInt32BigEndian(data);
        uint height = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        limits.Check("PNG", width, height);

        PngColour colour = (PngColour)data[9];
        bool valid = (colour, data[8]) is (PngColour.Grey, 1 or 2 or 4 or 8 or 16)
            or (PngColour.Palette, 1 or 2 or 4 or 8)
            or (PngColour.Rgb or PngColour.GreyAlpha or PngColour.Rgba, 8 or 16);
        if (!valid)
            throw Refusal.Corrupt($"The PNG states colour type {data[9]} with {data[8]} bits, which the format does not have.");

        if (data[10] != 0 || data[11] != 0 || data[12] > 1)
            throw Refusal.Corrupt($"The PNG states compression {data[10]}, filter {data[11]}, interlace {data[12]}; only 0, 0, 0 or 1 exist.");

        return new PngHeader((int)width, (int)height, data[8], colour, data[12] == 1);
    }
}
