using System.Buffers.Binary;
using TumorFunctions.Core.Imaging.Jpeg;
using TumorFunctions.Core.Imaging.JpegLs;

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
                DecodeJpegLs(frame);
                break;
        }

        _grey.Spread(_values);
        transform.Apply(_values, _grey.InverseSum, grey);
    }

    private void DecodeJpegLs(ArraySegment<byte> frame)
    {
        ImageLimits ownSize = _limits with { MaxVoxels = _layout.Pixels };
        JpegLsImage image = new JpegLsDecoder(frame, ownSize).Decode(_cancellation);
        RequireSize("JPEG-LS", image.Width, image.Height, image.Planes.Length, image.Precision);
        int sampleBytes = _layout.BitsAllocated / 8;
        for (int c = 0; c < image.Planes.Length; c++)
        {
            Span<byte> target = _samples.AsSpan(c * _layout.Pixels * sampleBytes, _layout.Pixels * sampleBytes);
            ushort[] plane = image.Planes[c];
            for (int i = 0; i < plane.Length; i++)
            {
                if (sampleBytes == 1)
                    target[i] = (byte)plane[i];
                else
                    BinaryPrimitives.WriteUInt16LittleEndian(target[(2 * i)..], plane[i]);
            }
        }

        _grey.Convert(_samples, bigEndian: false, planar: true, _values);
    }

    private void RequireSize(string what, int width, int height, int components, int precision)
    {
        if (width != _layout.Width || height != _layout.Height || components != _layout.Samples)
        {
            throw Refusal.Corrupt(
                $"The DICOM file states {_layout.Width}×{_layout.Height} pixels of {_layout.Samples} samples; its {what} data has {width}×{height} of {components}.");
        }

        if (precision > _layout.BitsAllocated)
            throw Refusal.Corrupt($"The {what} data of the DICOM file has {precision} bits a sample, {_layout.BitsAllocated} are allocated.");
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
        RequireSize("JPEG", image.Width, image.Height, image.Components, image.Precision);
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
