namespace TumorFunctions.Core.Imaging.Png;

/// <summary>Turns unfiltered rows of one kind of PNG into grey floats.</summary>
internal sealed class PngSampleReader
{
    private const int MaxByte = 255;

    private readonly PngHeader _header;

    // Grey of every palette index or packed sample; null where samples are whole bytes.
    private readonly float[]? _levels;

    /// <param name="palette">Content of the PLTE chunk, empty where there is none.</param>
    public PngSampleReader(PngHeader header, byte[] palette)
    {
        _header = header;
        if (header.Colour == PngColour.Palette)
            _levels = PaletteLevels(palette);
        else if (header.BitDepth < 8)
            _levels = GreyLevels(header.BitDepth);
    }

    public void ToGrey(ReadOnlySpan<byte> row, Span<float> grey)
    {
        if (_levels is not null)
        {
            Lookup(row, grey, _levels);
            return;
        }

        bool wide = _header.BitDepth == 16;
        switch (_header.Colour)
        {
            case PngColour.Grey when wide:
                Samples.Widen16(row, grey, bigEndian: true);
                break;
            case PngColour.Grey:
                Samples.Widen(row, grey);
                break;
            case PngColour.GreyAlpha:
                for (int i = 0; i < grey.Length; i++)
                    grey[i] = wide ? (row[4 * i] << 8) | row[(4 * i) + 1] : row[2 * i];
                break;
            default:
                if (wide)
                    Samples.Luma16(row, _header.Channels, grey, bigEndian: true);
                else
                    Samples.Luma(row, _header.Channels, grey);
                break;
        }
    }

    private static float[] GreyLevels(int bits)
    {
        int highest = (1 << bits) - 1;
        return [.. Enumerable.Range(0, highest + 1).Select(level => (float)(level * MaxByte / highest))];
    }

    private static float[] PaletteLevels(byte[] palette)
    {
        if (palette.Length == 0 || palette.Length % 3 != 0)
            throw Refusal.Corrupt($"The PNG needs a palette of three bytes a colour and has one of {palette.Length} bytes.");

        float[] levels = new float[palette.Length / 3];
        Samples.Luma(palette, 3, levels);
        return levels;
    }

    private void Lookup(ReadOnlySpan<byte> row, Span<float> grey, float[] levels)
    {
        int bits = _header.BitDepth;
        int mask = (1 << bits) - 1;
        int perByte = 8 / bits;
        for (int i = 0; i < grey.Length; i++)
        {
            int shift = 8 - bits - (i % perByte * bits);
            int index = (row[i / perByte] >> shift) & mask;
            if (index >= levels.Length)
                throw Refusal.Corrupt($"A pixel of the PNG names colour {index}; its palette has {levels.Length}.");

            grey[i] = levels[index];
        }
    }
}
