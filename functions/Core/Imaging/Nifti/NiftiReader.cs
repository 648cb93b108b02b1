using System.Buffers;
using System.IO.Compression;

namespace TumorFunctions.Core.Imaging.Nifti;

/// <summary>
/// Decodes single-file NIfTI-1 and NIfTI-2, plain or gzipped, in the order that the file stores. Of several volumes the
/// first is read.
/// </summary>
internal static class NiftiReader
{
    private const int BlockLength = 1 << 20;
    private const long MaxInflation = 1032;
    private const int FirstCiftiIntent = 3000;
    private const int LastCiftiIntent = 3099;

    public static Volume Read(Stream stream, ImageLimits limits, CancellationToken cancellation)
    {
        Span<byte> head = stackalloc byte[3];
        stream.ReadWhole(head, "The NIfTI");
        stream.Position -= head.Length;
        if (!ImageSniffer.IsGzip(head))
            return Read(stream, stream.Length - stream.Position, limits, cancellation);

        long most = (stream.Length - stream.Position) * MaxInflation;
        using GZipStream inflated = new(stream, CompressionMode.Decompress, leaveOpen: true);
        return Read(inflated, most, limits, cancellation);
    }

    /// <param name="available">Bytes that the stream can yield at most.</param>
    private static Volume Read(Stream stream, long available, ImageLimits limits, CancellationToken cancellation)
    {
        NiftiHeader header = NiftiHeader.Read(stream);
        List<string> notes = [];
        (int width, int height, int depth, long volumes) = Size(header, limits);
        if (volumes > 1)
            notes.Add($"The first of {volumes} volumes was read.");

        NiftiDataType type = NiftiDataType.Of(header.DataType);
        long voxelCount = (long)width * height * depth;
        double offset = Math.Max(header.VoxOffset, header.Length);
        if (!(offset + (voxelCount * type.Bytes) <= available))
            throw Refusal.Corrupt($"The NIfTI is truncated: {width}×{height}×{depth} voxels of {type.Bytes} bytes do not fit into it.");

        Skip(stream, (long)offset - (header.Length - 4));
        float[] voxels = GC.AllocateUninitializedArray<float>((int)voxelCount);
        ReadVoxels(stream, type, header, voxels, cancellation);

        // At its end the stream verifies the checksum.
        if (volumes == 1)
            stream.ReadByte();

        (VoxelSpacing? spacing, VolumeOrientation? orientation) = NiftiGeometry.Of(header, notes);
        return new Volume(voxels, width, height, depth)
        {
            Format = ImageFormat.Nifti,
            BitsPerSample = type.Bits,
            Spacing = spacing,
            SliceThickness = depth == 1 && header.Dim[0] >= 3 ? spacing?.Z : null,
            Orientation = orientation,
            Window = header.CalMax > header.CalMin && double.IsFinite(header.CalMax - header.CalMin)
                ? Greyscale.FromRange(header.CalMin, header.CalMax)
                : null,
            Notes = notes,
        };
    }

    private static (int Width, int Height, int Depth, long Volumes) Size(NiftiHeader header, ImageLimits limits)
    {
        if (header.IntentCode is >= FirstCiftiIntent and <= LastCiftiIntent)
            throw Refusal.Unsupported("The file is a CIFTI table of surface data, not an image.");

        long rank = header.Dim[0];
        if (rank is < 1 or > 7)
            throw Refusal.Corrupt($"The NIfTI header states {rank} dimensions; 1 to 7 exist.");

        long Along(int axis) => axis > rank ? 1 : header.Dim[axis];
        long width = Along(1);
        long height = Along(2);
        long depth = Along(3);
        limits.Check("NIfTI", width, height, depth);
        double volumes = 1;
        for (int axis = 4; axis <= 7; axis++)
        {
            if (Along(axis) < 1)
                throw Refusal.Corrupt($"The NIfTI header states a size of {Along(axis)} along dimension {axis}.");
            volumes *= Along(axis);
        }

        return ((int)width, (int)height, (int)depth, (long)volumes);
    }

    private static void Skip(Stream stream, long count)
    {
        if (stream.CanSeek)
        {
            stream.Position += count;
            return;
        }

        byte[] block = ArrayPool<byte>.Shared.Rent((int)Math.Min(count, BlockLength));
        for (; count > 0; count -= Math.Min(count, block.Length))
            stream.ReadWhole(block.AsSpan(0, (int)Math.Min(count, block.Length)), "The NIfTI");
        ArrayPool<byte>.Shared.Return(block);
    }

    private static void ReadVoxels(
        Stream stream, NiftiDataType type, NiftiHeader header, Span<float> voxels, CancellationToken cancellation)
    {
        // A slope of zero means that there is no scaling.
        bool isScaled = header.Slope != 0 && double.IsFinite(header.Slope) && double.IsFinite(header.Intercept);
        (double slope, double intercept) = isScaled ? (header.Slope, header.Intercept) : (1, 0);
        int perBlock = BlockLength / type.Bytes;
        byte[] block = ArrayPool<byte>.Shared.Rent(Math.Min(perBlock, voxels.Length) * type.Bytes);
        while (!voxels.IsEmpty)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(perBlock, voxels.Length);
            Span<byte> bytes = block.AsSpan(0, count * type.Bytes);
            stream.ReadWhole(bytes, "The voxel data of the NIfTI");
            type.ToFloats(bytes, header.BigEndian, slope, intercept, voxels[..count]);
            voxels = voxels[count..];
        }

        ArrayPool<byte>.Shared.Return(block);
    }
}
