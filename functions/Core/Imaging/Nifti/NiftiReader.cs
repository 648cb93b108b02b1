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

    public static Volume Read(Stream stream, ImageLimits limits, CancellationToken cancellation) =>
        Open(stream, limits, (data, layout) =>
        {
            float[] voxels = GC.AllocateUninitializedArray<float>(layout.Width * layout.Height * layout.Depth);
            ReadVoxels(data, layout.Type, layout.Header, voxels, cancellation);

            // At its end the stream verifies the checksum.
            if (layout.Volumes == 1)
                data.ReadByte();
            return layout.ToVolume(voxels, layout.Depth);
        });

    /// <summary>The grid alone, from the header.</summary>
    public static VolumeGeometry ReadGeometry(Stream stream, ImageLimits limits) =>
        Open(stream, limits, (_, layout) => layout.Describe(layout.Depth, []));

    /// <summary>The values other than 0 and NaN as a region.</summary>
    public static MaskFile ReadMask(Stream stream, ImageLimits limits, CancellationToken cancellation) =>
        Open(stream, limits, (data, layout) =>
        {
            byte[] voxels = new byte[layout.Width * layout.Height * layout.Depth];
            float[] block = new float[Math.Min(voxels.Length, BlockLength)];
            for (int first = 0; first < voxels.Length; first += block.Length)
            {
                Span<float> values = block.AsSpan(0, Math.Min(block.Length, voxels.Length - first));
                ReadVoxels(data, layout.Type, layout.Header, values, cancellation);
                MaskFile.Mark(values, voxels.AsSpan(first, values.Length));
            }

            if (layout.Volumes == 1)
                data.ReadByte();
            List<string> notes = [];
            VolumeGeometry geometry = layout.Describe(layout.Depth, notes);
            return new MaskFile(new Mask(voxels, layout.Width, layout.Height, layout.Depth), geometry, ImageFormat.Nifti, notes);
        });

    /// <summary>
    /// The middle slice of the array reduced to <paramref name="longSide"/>, in memory for that slice; turned as radiologists
    /// look at it.
    /// </summary>
    public static ReducedVolume ReadReduced(Stream stream, ImageLimits limits, int longSide, CancellationToken cancellation) =>
        Open(stream, limits, (data, layout) =>
        {
            int size = layout.Width * layout.Height;
            Skip(data, (long)(layout.Depth / 2) * size * layout.Type.Bytes);
            float[] voxels = new float[size];
            ReadVoxels(data, layout.Type, layout.Header, voxels, cancellation);
            Volume slice = layout.ToVolume(voxels, 1);
            Volume upright = AnatomicalAxes.ForViewing(slice.Geometry).Apply(slice);
            return new ReducedVolume(ReducingSink.Reduce(upright, longSide), layout.Width, layout.Height, layout.Depth);
        });

    // The data stands at the first voxel when it is read.
    private static T Open<T>(Stream stream, ImageLimits limits, Func<Stream, Layout, T> read)
    {
        Span<byte> head = stackalloc byte[3];
        stream.ReadWhole(head, "The NIfTI");
        stream.Position -= head.Length;
        long available = stream.Length - stream.Position;
        if (!ImageSniffer.IsGzip(head))
            return read(stream, ReadLayout(stream, available, limits));

        using GZipStream inflated = new(stream, CompressionMode.Decompress, leaveOpen: true);
        return read(inflated, ReadLayout(inflated, available * MaxInflation, limits));
    }

    /// <param name="available">Bytes that the stream can yield at most.</param>
    private static Layout ReadLayout(Stream stream, long available, ImageLimits limits)
    {
        NiftiHeader header = NiftiHeader.Read(stream);
        (int width, int height, int depth, long volumes) = Size(header, limits);
        NiftiDataType type = NiftiDataType.Of(header.DataType);
        double offset = Math.Max(header.VoxOffset, header.Length);
        if (!(offset + ((double)width * height * depth * type.Bytes) <= available))
            throw Refusal.Corrupt($"The NIfTI is truncated: {width}×{height}×{depth} voxels of {type.Bytes} bytes do not fit into it.");

        Skip(stream, (long)offset - (header.Length - 4));
        return new Layout(header, type, width, height, depth, volumes);
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

    /// <summary>What the header describes, found consistent.</summary>
    private sealed record Layout(NiftiHeader Header, NiftiDataType Type, int Width, int Height, int Depth, long Volumes)
    {
        /// <param name="notes">Receives what had to be decided.</param>
        public VolumeGeometry Describe(int depth, List<string> notes)
        {
            if (Volumes > 1)
                notes.Add($"The first of {Volumes} volumes was read.");
            (VoxelSpacing? spacing, VolumeOrientation? orientation) = NiftiGeometry.Of(Header, notes);
            return new VolumeGeometry(Width, Height, depth)
            {
                Spacing = spacing,
                SliceThickness = Depth == 1 && Header.Dim[0] >= 3 ? spacing?.Z : null,
                Orientation = orientation,
            };
        }

        public Volume ToVolume(float[] voxels, int depth)
        {
            List<string> notes = [];
            VolumeGeometry geometry = Describe(depth, notes);
            return new Volume(voxels, Width, Height, depth)
            {
                Format = ImageFormat.Nifti,
                BitsPerSample = Type.Bits,
                Spacing = geometry.Spacing,
                SliceThickness = geometry.SliceThickness,
                Orientation = geometry.Orientation,
                Window = Header.CalMax > Header.CalMin && double.IsFinite(Header.CalMax - Header.CalMin)
                    ? Greyscale.FromRange(Header.CalMin, Header.CalMax)
                    : null,
                Notes = notes,
            };
        }
    }
}
