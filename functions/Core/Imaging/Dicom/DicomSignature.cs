using System.Buffers.Binary;

namespace TumorFunctions.Core.Imaging.Dicom;

/// <summary>Recognises a DICOM data set that lacks the preamble of Part 10.</summary>
internal static class DicomSignature
{
    private const int MaxValueLength = 4096;

    /// <summary>
    /// A data set starts with an element of the file meta or the identifying group, of plausible length, and another
    /// element of a higher tag follows.
    /// </summary>
    public static bool IsBareDataSet(ReadOnlySpan<byte> head) =>
        IsDataSet(head, bigEndian: false, explicitVr: true)
        || IsDataSet(head, bigEndian: true, explicitVr: true)
        || IsDataSet(head, bigEndian: false, explicitVr: false);

    private static bool IsDataSet(ReadOnlySpan<byte> head, bool bigEndian, bool explicitVr) =>
        TryReadElement(head, bigEndian, explicitVr, out uint first, out int end)
        && first >> 16 is 2 or 8
        && end < head.Length
        && TryReadElement(head[end..], bigEndian, explicitVr, out uint second, out _)
        && second > first;

    private static bool TryReadElement(ReadOnlySpan<byte> head, bool bigEndian, bool explicitVr, out uint tag, out int end)
    {
        (tag, end) = (0, 0);
        if (head.Length < 12)
            return false;

        tag = ((uint)ReadUInt16(head, bigEndian) << 16) | ReadUInt16(head[2..], bigEndian);
        uint length;
        if (!explicitVr)
        {
            (length, end) = (ReadUInt32(head[4..], bigEndian), 8);
        }
        else if (!ValueRepresentation.IsKnown(head[4], head[5]))
        {
            return false;
        }
        else if (ValueRepresentation.HasLongLength(head[4], head[5]))
        {
            (length, end) = (ReadUInt32(head[8..], bigEndian), 12);
        }
        else
        {
            (length, end) = (ReadUInt16(head[6..], bigEndian), 8);
        }

        end += (int)Math.Min(length, MaxValueLength);
        return length <= MaxValueLength;
    }

    private static ushort ReadUInt16(ReadOnlySpan<byte> bytes, bool bigEndian) =>
        bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint ReadUInt32(ReadOnlySpan<byte> bytes, bool bigEndian) =>
        bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
