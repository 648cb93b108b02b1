using TumorFunctions.Core.Imaging.Jpeg;

namespace TumorFunctions.Core.Imaging.Dicom;

/// <summary>Decodes frame after frame to the grey values that the modality means.</summary>
internal sealed class DicomFrameDecoder
{
    private readonly DicomHeader _header;
    private readonly DicomPixelLayout _layout;
    private readonly ImageLimits _limits;
    private readonly CancellationToken _cancellation;
    private readonly DicomFrameSource _source;
    private readonly DicomGrey _grey;
    private readonly double[] _values;
    private readonly byte[] _samples;

    public DicomFrameDecoder(DicomHeader header, DicomPixelLayout layout, ImageLimits limits, CancellationToken cancellation)
    {
        _header = header;
        _layout = layout;
        _limits = limits;
        _cancellation = cancellation;
        _source = DicomFrameSource.Open(header, layout);
        _grey = new DicomGrey(header.DataSet, layout);
        _values = new double[layout.Pixels];
        _samples = header.Syntax.Codec == DicomCodec.Native ? [] : new byte[layout.FrameBits / 8];
    }

    public void Skip() => _source.Skip();

    /// <summary>The next frame.</summary>
    /// <param name="transform">What stored values mean.</param>
    /// <param name="grey">One value a pixel.</param>
    public void Next(DicomModality transform, Span<float> grey)
    {
        _cancellation.ThrowIfCancellationRequested();
        ArraySegment<byte> frame = _source.Next();
        switch (_header.Syntax.Codec)
        {
            case DicomCodec.Native:
                if (frame.Count * 8L < _layout.FrameBits)
                    throw Refusal.Corrupt("A frame of the DICOM file is shorter than its size asks for.");
                _grey.Convert(frame, _header.Syntax.BigEndian, _layout.IsPlanar, _values);
                break;
            case DicomCodec.Rle:
                DicomRle.Decode(frame, _samples, _layout.Pixels, _layout.BitsAllocated / 8);
                _grey.Convert(_samples, bigEndian: false, planar: true, _values);
                break;
            case DicomCodec.Jpeg:
                DecodeJpeg(frame);
                break;
            default:
                throw Refusal.Unsupported($"The DICOM file has transfer syntax {_header.Syntax.Name}, which is not read.");
        }

        _grey.Spread(_values);
        transform.Apply(_values, _grey.InverseSum, grey);
    }

    private void DecodeJpeg(ArraySegment<byte> frame)
    {
        JpegColour colour = _layout.Photometric switch
        {
            DicomPhotometric.Rgb => JpegColour.Rgb,
            DicomPhotometric.YbrFull or DicomPhotometric.YbrPartial => JpegColour.YCbCr,
            _ => JpegColour.Grey,
        };
        ImageLimits ownSize = _limits with { MaxVoxels = _layout.Pixels };
        JpegImage image = new JpegDecoder(new MemoryStream(frame.Array!, frame.Offset, frame.Count), ownSize) { DeclaredColour = colour }
            .Decode(_cancellation);
        if (image.Width != _layout.Width || image.Height != _layout.Height || image.Components != _layout.Samples)
        {
            throw Refusal.Corrupt(
                $"The DICOM file states {_layout.Width}×{_layout.Height} pixels of {_layout.Samples} samples; its JPEG data has {image.Width}×{image.Height} of {image.Components}.");
        }

        if (image.Precision > _layout.BitsAllocated)
            throw Refusal.Corrupt($"The JPEG data of the DICOM file has {image.Precision} bits a sample, {_layout.BitsAllocated} are allocated.");

        if (_layout.Samples == 1)
        {
            image.CopySamples(_samples, image.Width, image.Height, _layout.BitsAllocated / 8, bigEndian: false);
            _grey.Convert(_samples, bigEndian: false, planar: false, _values);
            return;
        }

        float[] luma = new float[_layout.Pixels];
        image.ToGrey(luma);
        for (int i = 0; i < luma.Length; i++)
            _values[i] = luma[i];
    }
}
