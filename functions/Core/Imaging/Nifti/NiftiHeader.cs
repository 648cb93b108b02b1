using System.Buffers.Binary;

namespace TumorFunctions.Core.Imaging.Nifti;

/// <summary>
/// The fields of a NIfTI-1 or NIfTI-2 header that bear on decoding, in one shape for both versions and byte orders
/// (nifti1.h and nifti2.h of the NIfTI DFWG).
/// </summary>
internal sealed class NiftiHeader
{
    private const int MaxRank = 7;

    // The magic of a file of its own is n+1; ni1 is a header whose voxels lie in another file.
    private const int PairMark = 'i';

    public required bool BigEndian { get; init; }

    /// <summary>Rank, then the size along each axis.</summary>
    public required long[] Dim { get; init; }

    public required int DataType { get; init; }

    /// <summary>qfac, then the spacing along each axis.</summary>
    public required double[] PixDim { get; init; }

    public required double VoxOffset { get; init; }

    public required double Slope { get; init; }

    public required double Intercept { get; init; }

    public required double CalMin { get; init; }

    public required double CalMax { get; init; }

    public required int Units { get; init; }

    public required int IntentCode { get; init; }

    public required int QformCode { get; init; }

    public required int SformCode { get; init; }

    /// <summary>Quaternion b, c, d, then the offset.</summary>
    public required double[] Quaternion { get; init; }

    /// <summary>Three rows of the affine matrix.</summary>
    public required double[] Affine { get; init; }

    /// <summary>Bytes before the first voxel at least.</summary>
    public required int Length { get; init; }

    /// <summary>Reads the header from the stream's position.</summary>
    public static NiftiHeader Read(Stream stream)
    {
        byte[] bytes = new byte[NiftiSignature.Nifti2HeaderLength];
        stream.ReadWhole(bytes.AsSpan(0, NiftiSignature.Nifti1HeaderLength), "The NIfTI header");
        if (IsLength(bytes, NiftiSignature.Nifti2HeaderLength, out bool bigEndian))
        {
            stream.ReadWhole(bytes.AsSpan(NiftiSignature.Nifti1HeaderLength), "The NIfTI header");
            RequireSingleFile(bytes.AsSpan(4));
            return Parse2(new Fields(bytes, bigEndian));
        }

        if (!IsLength(bytes, NiftiSignature.Nifti1HeaderLength, out bigEndian))
            throw Refusal.Corrupt("The NIfTI header states a length of its own that no version has.");

        RequireSingleFile(bytes.AsSpan(344));
        return Parse1(new Fields(bytes, bigEndian));
    }

    private static bool IsLength(byte[] bytes, int length, out bool bigEndian)
    {
        bigEndian = BinaryPrimitives.ReadInt32BigEndian(bytes) == length;
        return bigEndian || BinaryPrimitives.ReadInt32LittleEndian(bytes) == length;
    }

    private static void RequireSingleFile(ReadOnlySpan<byte> magic)
    {
        if (magic[0] != (byte)'n')
        {
            throw Refusal.Unsupported(
                "The file is an Analyze 7.5 header, whose voxels lie in a second file; a single-file NIfTI (.nii, .nii.gz) is needed.");
        }

        if (magic[1] == PairMark)
        {
            throw Refusal.Unsupported(
                "The file is the header of a NIfTI pair (.hdr), whose voxels lie in a second file (.img); a single-file NIfTI (.nii, .nii.gz) is needed.");
        }

        if (magic[1] != (byte)'+' || magic[2] is not ((byte)'1' or (byte)'2') || magic[3] != 0)
            throw Refusal.Corrupt("The magic of the NIfTI header is damaged.");
    }

    private static NiftiHeader Parse1(Fields f) => new()
    {
        BigEndian = f.BigEndian,
        Dim = [.. Enumerable.Range(0, MaxRank + 1).Select(i => (long)f.Int16(40 + (2 * i)))],
        DataType = f.Int16(70),
        PixDim = [.. f.Singles(76, 8).Select(AsWritten)],
        VoxOffset = f.Single(108),
        Slope = f.Single(112),
        Intercept = f.Single(116),
        Units = f.Byte(123),
        CalMax = f.Single(124),
        CalMin = f.Single(128),
        IntentCode = f.Int16(68),
        QformCode = f.Int16(252),
        SformCode = f.Int16(254),
        Quaternion = f.Singles(256, 6),
        Affine = f.Singles(280, 12),
        Length = NiftiSignature.Nifti1HeaderLength + 4,
    };

    // The decimal that a float was written for: 0.4883, not 0.48829999566.
    private static double AsWritten(double single) =>
        Math.Abs(single) is > 1e-6 and < 1e9 ? (double)(decimal)(float)single : single;

    private static NiftiHeader Parse2(Fields f) => new()
    {
        BigEndian = f.BigEndian,
        Dim = [.. Enumerable.Range(0, MaxRank + 1).Select(i => f.Int64(16 + (8 * i)))],
        DataType = f.Int16(12),
        PixDim = f.Doubles(104, 8),
        VoxOffset = f.Int64(168),
        Slope = f.Double(176),
        Intercept = f.Double(184),
        CalMax = f.Double(192),
        CalMin = f.Double(200),
        Units = f.Int32(500),
        IntentCode = f.Int32(504),
        QformCode = f.Int32(344),
        SformCode = f.Int32(348),
        Quaternion = f.Doubles(352, 6),
        Affine = f.Doubles(400, 12),
        Length = NiftiSignature.Nifti2HeaderLength + 4,
    };

    /// <summary>Numbers at byte offsets, in the byte order of the file.</summary>
    private sealed class Fields(byte[] bytes, bool bigEndian)
    {
        public bool BigEndian => bigEndian;

        public byte Byte(int at) => bytes[at];

        public short Int16(int at) =>
            bigEndian ? BinaryPrimitives.ReadInt16BigEndian(bytes.AsSpan(at)) : BinaryPrimitives.ReadInt16LittleEndian(bytes.AsSpan(at));

        public int Int32(int at) =>
            bigEndian ? BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(at)) : BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(at));

        public long Int64(int at) =>
            bigEndian ? BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(at)) : BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));

        public float Single(int at) => BitConverter.Int32BitsToSingle(Int32(at));

        public double Double(int at) => BitConverter.Int64BitsToDouble(Int64(at));

        public double[] Singles(int at, int count) => [.. Enumerable.Range(0, count).Select(i => (double)Single(at + (4 * i)))];

        public double[] Doubles(int at, int count) => [.. Enumerable.Range(0, count).Select(i => Double(at + (8 * i)))];
    }
}
