using System.Buffers.Binary;

namespace TumorFunctions.Core.Imaging.Nifti;

/// <summary>Recognises the headers of NIfTI-1, NIfTI-2 and their ancestor Analyze 7.5 in either byte order.</summary>
internal static class NiftiSignature
{
    public const int Nifti1HeaderLength = 348;
    public const int Nifti2HeaderLength = 540;

    /// <summary>As many bytes as tell a header for certain.</summary>
    public const int Length = Nifti1HeaderLength;

    private const int DimOffset = 40;
    private const int MaxRank = 7;

    /// <summary>Analyze headers count too, so that the reader can refuse them by name.</summary>
    public static bool IsHeader(ReadOnlySpan<byte> head)
    {
        if (head.Length < DimOffset + sizeof(short))
            return false;

        // sizeof_hdr, the first field, is also what tells the byte order.
        int little = BinaryPrimitives.ReadInt32LittleEndian(head);
        int big = BinaryPrimitives.ReadInt32BigEndian(head);
        if (little == Nifti2HeaderLength || big == Nifti2HeaderLength)
            return head[4..].StartsWith("n+2"u8) || head[4..].StartsWith("ni2"u8);

        short rank = little == Nifti1HeaderLength ? BinaryPrimitives.ReadInt16LittleEndian(head[DimOffset..])
            : big == Nifti1HeaderLength ? BinaryPrimitives.ReadInt16BigEndian(head[DimOffset..])
            : (short)0;
        return rank is >= 1 and <= MaxRank;
    }
}
