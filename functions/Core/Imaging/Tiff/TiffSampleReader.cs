using System.Buffers.Binary;

namespace TumorFunctions.Core.Imaging.Tiff;

/// <summary>Turns rows of decompressed samples into grey floats.</summary>
internal sealed class TiffSampleReader
{
    private const int MaxByte = 255;

    private readonly TiffPage _page;
    private readonly bool _bigEndian;
    private readonly float[] _palette;

    // Integers of less than eight bits are spread over 0–255, as those of other formats.
    private readonly double _white;
    private readonly double _scale;

    public TiffSampleReader(TiffPage page, bool bigEndian)
    {
        _page = page;
        _bigEndian = bigEndian;
        bool isUnsigned = page.Format == TiffSampleFormat.Unsigned;
        _scale = isUnsigned && page.Bits < 8 ? (double)MaxByte / ((1 << page.Bits) - 1) : 1;
        _white = isUnsigned ? Math.Pow(2, page.Bits) - 1 : 0;
        _palette = page.Photometric == TiffPhotometric.Palette ? PaletteLevels(page) : [];
    }

    /// <param name="row">Samples of a row, interleaved.</param>
    /// <param name="samples">Samples a pixel in <paramref name="row"/>.</param>
    /// <param name="grey">One value a pixel.</param>
    public void ToGrey(ReadOnlySpan<byte> row, int samples, Span<float> grey)
    {
        bool isInteger = _page.Format == TiffSampleFormat.Unsigned;
        switch (_page.Photometric)
        {
            case TiffPhotometric.BlackIsZero when isInteger && samples == 1 && _page.Bits == 8:
                Samples.Widen(row[..grey.Length], grey);
                break;
            case TiffPhotometric.BlackIsZero when isInteger && samples == 1 && _page.Bits == 16:
                Samples.Widen16(row[..(2 * grey.Length)], grey, _bigEndian);
                break;
            case TiffPhotometric.Rgb when isInteger && _page.Bits == 8:
                Samples.Luma(row, samples, grey);
                break;
            case TiffPhotometric.Rgb when isInteger && _page.Bits == 16:
                Samples.Luma16(row, samples, grey, _bigEndian);
                break;
            default:
                for (int x = 0; x < grey.Length; x++)
                    grey[x] = ToGrey(row, x * samples);
                break;
        }
    }

    /// <summary>The Y samples of rows whose chroma is subsampled: units of Y by rows, then Cb and Cr (TIFF 6.0, section 21).</summary>
    /// <param name="row">Row within the chunk.</param>
    public void SubsampledToGrey(ReadOnlySpan<byte> chunk, int row, Span<float> grey)
    {
        (int across, int down) = _page.Subsampling;
        int unit = (across * down) + 2;
        int units = (_page.ChunkWidth + across - 1) / across;
        ReadOnlySpan<byte> band = chunk.Slice(row / down * units * unit, units * unit);
        for (int x = 0; x < grey.Length; x++)
            grey[x] = band[(x / across * unit) + (row % down * across) + (x % across)];
    }

    private static float[] PaletteLevels(TiffPage page)
    {
        int colours = 1 << page.Bits;
        if (page.ColorMap.Length < 3 * colours)
            throw Refusal.Corrupt($"The TIFF needs a colour map of {3 * colours} values and has one of {page.ColorMap.Length}.");

        // The map is of 16 bits, yet some writers fill it with 8.
        int shift = Array.Exists(page.ColorMap, value => value > MaxByte) ? 8 : 0;
        float[] levels = new float[colours];
        for (int i = 0; i < colours; i++)
        {
            levels[i] = Samples.Luma(
                (byte)(page.ColorMap[i] >> shift),
                (byte)(page.ColorMap[colours + i] >> shift),
                (byte)(page.ColorMap[(2 * colours) + i] >> shift));
        }

        return levels;
    }

    private float ToGrey(ReadOnlySpan<byte> row, int first)
    {
        switch (_page.Photometric)
        {
            case TiffPhotometric.Palette:
                return _palette[(int)Sample(row, first)];
            case TiffPhotometric.Rgb:
                return (float)Luma(Sample(row, first), Sample(row, first + 1), Sample(row, first + 2));
            case TiffPhotometric.Cmyk:
                double luma = Luma(Paper(row, first), Paper(row, first + 1), Paper(row, first + 2));
                return (float)(luma * Paper(row, first + 3) / (_white * _scale));
            case TiffPhotometric.WhiteIsZero:
                return (float)((_white * _scale) - Sample(row, first));
            default:
                return (float)Sample(row, first);
        }
    }

    private static double Luma(double red, double green, double blue) => ((299 * red) + (587 * green) + (114 * blue)) / 1000;

    private double Paper(ReadOnlySpan<byte> row, int index) => (_white * _scale) - Sample(row, index);

    // Palette indices are not spread.
    private double Sample(ReadOnlySpan<byte> row, int index)
    {
        if (_page.Bits is not (8 or 16 or 32 or 64))
            return Packed(row, index) * (_page.Photometric == TiffPhotometric.Palette ? 1 : _scale);

        ReadOnlySpan<byte> bytes = row.Slice(index * (_page.Bits / 8), _page.Bits / 8);
        ulong value = _page.Bits switch
        {
            8 => bytes[0],
            16 => _bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes),
            32 => _bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes),
            _ => _bigEndian ? BinaryPrimitives.ReadUInt64BigEndian(bytes) : BinaryPrimitives.ReadUInt64LittleEndian(bytes),
        };
        return (_page.Format, _page.Bits) switch
        {
            (TiffSampleFormat.Signed, 8) => (sbyte)value,
            (TiffSampleFormat.Signed, 16) => (short)value,
            (TiffSampleFormat.Signed, 32) => (int)value,
            (TiffSampleFormat.Signed, _) => (long)value,
            (TiffSampleFormat.Float, 16) => (double)BitConverter.UInt16BitsToHalf((ushort)value),
            (TiffSampleFormat.Float, 32) => BitConverter.UInt32BitsToSingle((uint)value),
            (TiffSampleFormat.Float, _) => BitConverter.UInt64BitsToDouble(value),
            _ => value,
        };
    }

    // Samples of other widths follow each other from the most significant bit on, whatever the byte order.
    private int Packed(ReadOnlySpan<byte> row, int index)
    {
        long bit = (long)index * _page.Bits;
        int value = 0;
        for (int i = 0; i < _page.Bits; i++, bit++)
            value = (value << 1) | ((row[(int)(bit >> 3)] >> (7 - (int)(bit & 7))) & 1);
        return value;
    }
}
