using System.Buffers.Binary;

namespace TumorFunctions.Core.Imaging.Jpeg;

/// <summary>Decoded JPEG data.</summary>
internal sealed class JpegImage(JpegFrame frame, JpegColour colour, bool isAdobe)
{
    public int Width => frame.Width;

    public int Height => frame.Height;

    public int Precision => frame.Precision;

    /// <summary>Number of components.</summary>
    public int Components => frame.Components.Length;

    /// <summary>Rec. 601 luma in the samples' own range; width × height values.</summary>
    public void ToGrey(Span<float> grey)
    {
        for (int y = 0; y < Height; y++)
            ToGrey(y, grey.Slice(y * Width, Width));
    }

    /// <summary>The first component's samples, each of one byte or two.</summary>
    public void CopySamples(Span<byte> destination, int width, int height, int sampleBytes, bool bigEndian)
    {
        JpegComponent first = frame.Components[0];
        for (int i = 0; i < width * height; i++)
        {
            ushort sample = first.Plane[(i / width * first.Stride) + (i % width)];
            if (sampleBytes == 1)
                destination[i] = (byte)sample;
            else if (bigEndian)
                BinaryPrimitives.WriteUInt16BigEndian(destination[(2 * i)..], sample);
            else
                BinaryPrimitives.WriteUInt16LittleEndian(destination[(2 * i)..], sample);
        }
    }

    private void ToGrey(int y, Span<float> grey)
    {
        JpegComponent first = frame.Components[0];
        if (colour is JpegColour.Grey or JpegColour.YCbCr && first.H == frame.MaxH && first.V == frame.MaxV)
        {
            Samples.Widen(first.Plane.AsSpan(y * first.Stride, Width), grey);
            return;
        }

        int white = (1 << Precision) - 1;
        for (int x = 0; x < grey.Length; x++)
        {
            grey[x] = colour switch
            {
                JpegColour.Rgb => Samples.Luma(Sample(0, x, y), Sample(1, x, y), Sample(2, x, y)),
                JpegColour.Cmyk => InkLuma(x, y, white),
                JpegColour.Ycck => (white - Sample(0, x, y)) * (float)Paper(3, x, y, white) / white,
                _ => Sample(0, x, y),
            };
        }
    }

    private float InkLuma(int x, int y, int white) =>
        Samples.Luma(Paper(0, x, y, white), Paper(1, x, y, white), Paper(2, x, y, white)) * Paper(3, x, y, white) / white;

    // How much of the paper an ink lets shine. Adobe's programs store that instead of the ink.
    private int Paper(int component, int x, int y, int white) =>
        isAdobe ? Sample(component, x, y) : white - Sample(component, x, y);

    // Subsampled components are repeated.
    private int Sample(int component, int x, int y)
    {
        JpegComponent c = frame.Components[component];
        return c.Plane[(y * c.V / frame.MaxV * c.Stride) + (x * c.H / frame.MaxH)];
    }
}
