using System.Buffers.Binary;

namespace TumorFunctions.Core.Imaging.Dicom;

/// <summary>The run lengths of PS3.5, annex G: a segment for every byte of every sample, the most significant byte first.</summary>
internal static class DicomRle
{
    private const int HeaderLength = 64;
    private const int MaxSegments = 15;

    /// <param name="frame">A frame's fragment.</param>
    /// <param name="decoded">Receives the samples, little-endian, colour by colour.</param>
    /// <param name="pixels">Number of pixels.</param>
    /// <param name="sampleBytes">Bytes a sample.</param>
    public static void Decode(ReadOnlySpan<byte> frame, Span<byte> decoded, int pixels, int sampleBytes)
    {
        int segments = decoded.Length / pixels;
        if (frame.Length < HeaderLength)
            throw Refusal.Truncated("The RLE data of the DICOM file");
        uint stated = BinaryPrimitives.ReadUInt32LittleEndian(frame);
        if (segments > MaxSegments || stated != segments)
            throw Refusal.Corrupt($"The RLE data of the DICOM file has {stated} segments instead of {segments}.");

        byte[] plane = new byte[pixels];
        for (int i = 0; i < segments; i++)
        {
            uint start = BinaryPrimitives.ReadUInt32LittleEndian(frame[(4 + (4 * i))..]);
            uint end = i + 1 < segments ? BinaryPrimitives.ReadUInt32LittleEndian(frame[(8 + (4 * i))..]) : (uint)frame.Length;
            if (start < HeaderLength || end < start || end > frame.Length)
                throw Refusal.Corrupt("A segment of the RLE data of the DICOM file lies outside it.");

            PackBits.Decode(frame[(int)start..(int)end], plane);
            int sample = i / sampleBytes;
            int significance = sampleBytes - 1 - (i % sampleBytes);
            Span<byte> target = decoded.Slice(sample * pixels * sampleBytes, pixels * sampleBytes);
            for (int p = 0; p < pixels; p++)
                target[(p * sampleBytes) + significance] = plane[p];
        }
    }
}
