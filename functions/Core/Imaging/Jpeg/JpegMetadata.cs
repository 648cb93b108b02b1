using System.Buffers.Binary;

namespace TumorFunctions.Core.Imaging.Jpeg;

/// <summary>What the application segments tell: colour transform, resolution, orientation.</summary>
internal sealed class JpegMetadata
{
    private const int PixelsPerCentimetre = 2;
    private const ushort OrientationTag = 0x0112;

    public bool IsJfif { get; private set; }

    /// <summary>Colour transform of the Adobe segment: 0 none, 1 YCbCr, 2 YCCK; null without the segment.</summary>
    public int? AdobeTransform { get; private set; }

    /// <summary>Pixels a metre, horizontally and vertically.</summary>
    public (double X, double Y)? Resolution { get; private set; }

    /// <summary>Whether the resolution was given by the centimetre, not by the inch.</summary>
    public bool IsMetric { get; private set; }

    /// <summary>EXIF orientation, 1 to 8.</summary>
    public int Orientation { get; private set; } = Imaging.Orientation.Upright;

    /// <summary>Takes in an application segment; one that it does not know is ignored.</summary>
    public void Read(int marker, ReadOnlySpan<byte> segment)
    {
        if (marker == JpegMarker.App0 && segment.Length >= 12 && segment.StartsWith("JFIF\0"u8))
            ReadJfif(segment);
        else if (marker == JpegMarker.App14 && segment.Length >= 12 && segment.StartsWith("Adobe"u8))
            AdobeTransform = segment[11];
        else if (marker == JpegMarker.App1 && segment.StartsWith("Exif\0\0"u8))
            Orientation = ReadOrientation(segment[6..]);
    }

    private void ReadJfif(ReadOnlySpan<byte> segment)
    {
        IsJfif = true;
        int unit = segment[7];
        IsMetric = unit == PixelsPerCentimetre;
        double perMetre = IsMetric ? 100 : 1 / 0.0254;
        if (unit is 1 or PixelsPerCentimetre)
        {
            Resolution = (
                BinaryPrimitives.ReadUInt16BigEndian(segment[8..]) * perMetre,
                BinaryPrimitives.ReadUInt16BigEndian(segment[10..]) * perMetre);
        }
    }

    // EXIF holds a small TIFF; the tag is a SHORT in its first directory.
    private static int ReadOrientation(ReadOnlySpan<byte> tiff)
    {
        if (tiff.Length < 10)
            return Imaging.Orientation.Upright;

        bool big = tiff[0] == (byte)'M';
        uint start = big ? BinaryPrimitives.ReadUInt32BigEndian(tiff[4..]) : BinaryPrimitives.ReadUInt32LittleEndian(tiff[4..]);
        if (start > tiff.Length - 2)
            return Imaging.Orientation.Upright;

        ReadOnlySpan<byte> directory = tiff[(int)start..];
        int count = UInt16(directory, big);
        for (directory = directory[2..]; count > 0 && directory.Length >= 12; count--, directory = directory[12..])
        {
            if (UInt16(directory, big) == OrientationTag)
                return UInt16(directory[8..], big) is >= 1 and <= 8 and var orientation ? orientation : Imaging.Orientation.Upright;
        }

        return Imaging.Orientation.Upright;
    }

    private static ushort UInt16(ReadOnlySpan<byte> bytes, bool bigEndian) =>
        bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);
}
