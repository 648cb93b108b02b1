using System.Buffers.Binary;

namespace TumorFunctions.Core.Imaging.Dicom;

/// <summary>Turns the uncompressed samples of frames into stored grey values, before any rescaling.</summary>
internal sealed class DicomGrey
{
    private readonly DicomPixelLayout _layout;
    private readonly DicomPalette? _palette;
    private readonly int _shift;
    private readonly int _unused;

    public DicomGrey(DicomDataSet dataSet, DicomPixelLayout layout)
    {
        _layout = layout;
        _palette = layout.Photometric == DicomPhotometric.Palette ? new DicomPalette(dataSet, layout.IsSigned) : null;
        _shift = layout.HighBit + 1 - layout.BitsStored;
        _unused = 32 - layout.BitsStored;
    }

    /// <summary>What a stored value and its inverse sum up to, for MONOCHROME1.</summary>
    public double InverseSum => _layout.IsSigned ? -1 : Math.Pow(2, _layout.BitsStored) - 1;

    /// <param name="frame">Samples as the layout says, of one frame.</param>
    /// <param name="bigEndian">Byte order of the samples.</param>
    /// <param name="planar">Whether colours are in planes.</param>
    /// <param name="grey">One value a pixel.</param>
    public void Convert(Span<byte> frame, bool bigEndian, bool planar, Span<double> grey)
    {
        if (_layout.SwapsBytes)
        {
            for (int i = 0; i + 1 < frame.Length; i += 2)
                (frame[i], frame[i + 1]) = (frame[i + 1], frame[i]);
        }

        switch (_layout.Photometric)
        {
            case DicomPhotometric.Rgb:
                Luma(frame, bigEndian, planar, grey);
                break;
            case DicomPhotometric.YbrFull or DicomPhotometric.YbrPartial:
                (int first, int step) = planar ? (0, 1) : (0, 3);
                Stored(frame, bigEndian, first, step, grey);
                break;
            case DicomPhotometric.YbrFull422 or DicomPhotometric.YbrPartial422:
                // Two Y, then the Cb and Cr that they share.
                for (int i = 0; i < grey.Length; i++)
                    grey[i] = frame[(i / 2 * 4) + (i % 2)];
                break;
            case DicomPhotometric.YbrPartial420:
                Subsampled420(frame, grey);
                break;
            default:
                Stored(frame, bigEndian, 0, 1, grey);
                _palette?.Expand(grey);
                break;
        }
    }

    /// <summary>Spreads the luma of YBR_PARTIAL, 16 to 235, over the full range.</summary>
    public void Spread(Span<double> grey)
    {
        if (_layout.Photometric is not (DicomPhotometric.YbrPartial or DicomPhotometric.YbrPartial422 or DicomPhotometric.YbrPartial420))
            return;

        foreach (ref double value in grey)
            value = Math.Clamp((value - 16) * 255 / 219, 0, 255);
    }

    private void Luma(ReadOnlySpan<byte> frame, bool bigEndian, bool planar, Span<double> grey)
    {
        double[] colour = new double[grey.Length];
        grey.Clear();
        ReadOnlySpan<double> weights = [299, 587, 114];
        for (int c = 0; c < 3; c++)
        {
            Stored(frame, bigEndian, planar ? c * grey.Length : c, planar ? 1 : 3, colour);
            for (int i = 0; i < grey.Length; i++)
                grey[i] += weights[c] * colour[i];
        }

        foreach (ref double value in grey)
            value /= 1000;
    }

    // Every step-th sample from the first on.
    private void Stored(ReadOnlySpan<byte> frame, bool bigEndian, int first, int step, Span<double> values)
    {
        switch (_layout.BitsAllocated)
        {
            case 1:
                for (int i = 0; i < values.Length; i++)
                    values[i] = (frame[i >> 3] >> (i & 7)) & 1;
                break;
            case 8:
                for (int i = 0; i < values.Length; i++)
                    values[i] = Extract(frame[first + (i * step)]);
                break;
            case 16:
                for (int i = 0; i < values.Length; i++)
                {
                    ReadOnlySpan<byte> bytes = frame.Slice(2 * (first + (i * step)), 2);
                    values[i] = Extract(bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes));
                }

                break;
            case 32:
                for (int i = 0; i < values.Length; i++)
                {
                    ReadOnlySpan<byte> bytes = frame.Slice(4 * (first + (i * step)), 4);
                    uint raw = bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
                    values[i] = _layout.IsFloat ? BitConverter.UInt32BitsToSingle(raw) : Extract(raw);
                }

                break;
            default:
                for (int i = 0; i < values.Length; i++)
                {
                    ReadOnlySpan<byte> bytes = frame.Slice(8 * i, 8);
                    values[i] = bigEndian ? BinaryPrimitives.ReadDoubleBigEndian(bytes) : BinaryPrimitives.ReadDoubleLittleEndian(bytes);
                }

                break;
        }
    }

    // The stored bits alone, their sign extended; what other bits hold (overlays of old) is dropped.
    private double Extract(uint raw)
    {
        uint top = raw >> _shift << _unused;
        return _layout.IsSigned ? (int)top >> _unused : top >> _unused;
    }

    // Rows alternate between two Y with Cb and Cr, and two Y alone.
    private void Subsampled420(ReadOnlySpan<byte> frame, Span<double> grey)
    {
        int width = _layout.Width;
        for (int i = 0; i < grey.Length; i++)
        {
            (int x, int y) = (i % width, i / width);
            int rowStart = (y / 2 * width * 3) + (y % 2 * width * 2);
            grey[i] = frame[rowStart + (y % 2 == 0 ? (x / 2 * 4) + (x % 2) : x)];
        }
    }
}
