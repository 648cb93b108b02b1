using System.Buffers.Binary;

namespace TumorFunctions.Core.Imaging.Dicom;

/// <summary>Recognises how a DICOM data set is encoded by its first elements, and that it is one at all.</summary>
internal static class DicomSignature
{
    /// <summary>As many bytes as the recognition makes use of.</summary>
    public const int Length = 1024;

    private const int MaxValueLength = 4096;

    private static readonly TransferSyntax[] Encodings =
        [TransferSyntax.ExplicitLittleEndian, TransferSyntax.ExplicitBigEndian, TransferSyntax.ImplicitLittleEndian];

    /// <summary>
    /// Whether bytes without a preamble are a data set: an element of the file meta or the identifying group, of plausible
    /// length, and another of a higher tag behind it.
    /// </summary>
    public static bool IsBareDataSet(ReadOnlySpan<byte> head)
    {
        foreach (TransferSyntax syntax in Encodings)
        {
            if (TryReadElement(head, syntax, out uint first, out int end)
                && first >> 16 is 2 or 8
                && end < head.Length
                && TryReadElement(head[end..], syntax, out uint second, out _)
                && second > first)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The encoding in which the first element of a data set makes sense; null where it does in none.</summary>
    public static TransferSyntax? FindEncoding(ReadOnlySpan<byte> head)
    {
        foreach (TransferSyntax syntax in Encodings)
        {
            if (TryReadElement(head, syntax, out uint first, out _) && first >> 16 is > 2 and < 0x100)
                return syntax;
        }

        return null;
    }

    private static bool TryReadElement(ReadOnlySpan<byte> head, TransferSyntax syntax, out uint tag, out int end)
    {
        (tag, end) = (0, 0);
        if (head.Length < 8)
            return false;

        bool big = syntax.BigEndian;
        tag = ((uint)ReadUInt16(head, big) << 16) | ReadUInt16(head[2..], big);
        uint length;
        ushort vr = ValueRepresentation.Of(head[4], head[5]);
        if (!syntax.ExplicitVr)
        {
            (length, end) = (ReadUInt32(head[4..], big), 8);
        }
        else if (!ValueRepresentation.IsKnown(vr))
        {
            return false;
        }
        else if (ValueRepresentation.HasLongLength(vr))
        {
            if (head.Length < 12)
                return false;
            (length, end) = (ReadUInt32(head[8..], big), 12);
        }
        else
        {
            (length, end) = (ReadUInt16(head[6..], big), 8);
        }

        end += (int)Math.Min(length, MaxValueLength);
        return length <= MaxValueLength;
    }

    private static ushort ReadUInt16(ReadOnlySpan<byte> bytes, bool bigEndian) =>
        bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : BinaryPrimitives.ReadUInt16LittleEndian(bytes);

    private static uint ReadUInt32(ReadOnlySpan<byte> bytes, bool bigEndian) =>
        bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes) : BinaryPrimitives.ReadUInt32LittleEndian(bytes);
}
