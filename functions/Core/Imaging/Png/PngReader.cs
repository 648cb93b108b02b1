using System.Buffers.Binary;

namespace TumorFunctions.Core.Imaging.Png;

/// <summary>
/// Decodes PNG (ISO/IEC 15948) to grey: colours as Rec. 601 luma, transparency ignored, samples of less than eight bits
/// spread over 0–255, 16-bit samples as they are.
/// </summary>
internal static class PngReader
{
    private const int MaxPaletteBytes = 3 * 256;
    private const int PhysLength = 9;

    // No deflate stream grows by more than this factor (RFC 1951: 258 bytes out of two bits).
    private const long MaxInflation = 1032;

    public static Volume Read(Stream source, ImageLimits limits, CancellationToken cancellation)
    {
        source.Position += ImageSniffer.PngSignature.Length;
        using PngChunkReader chunks = new(source);
        chunks.Next();
        if (chunks.Type != PngChunkReader.Ihdr)
            throw Refusal.Corrupt($"The PNG starts with a {chunks.TypeName} chunk instead of IHDR.");

        PngHeader header = PngHeader.Parse(chunks.ReadContent(PngHeader.Length), limits);
        List<string> notes = [];
        byte[] palette = [];
        VoxelSpacing? spacing = null;
        float[]? voxels = null;
        chunks.Next();
        while (chunks.Type != PngChunkReader.Iend)
        {
            switch (chunks.Type)
            {
                case PngChunkReader.Plte:
                    palette = chunks.ReadContent(MaxPaletteBytes);
                    break;
                case PngChunkReader.Phys:
                    spacing = ParsePhys(chunks.ReadContent(PhysLength), notes);
                    break;
                case PngChunkReader.Idat when voxels is null:
                    voxels = Decode(source, chunks, header, palette, cancellation);
                    continue;
                case PngChunkReader.Actl:
                    notes.Add("The PNG is animated; its default image was read.");
                    chunks.Skip();
                    break;
                default:
                    if (chunks.IsCritical)
                        throw Refusal.Corrupt($"The PNG has a {chunks.TypeName} chunk where none belongs.");
                    chunks.Skip();
                    break;
            }

            chunks.Next();
        }

        chunks.ReadContent(0);
        if (voxels is null)
            throw Refusal.Corrupt("The PNG has no image data.");

        return new Volume(voxels, header.Width, header.Height, 1)
        {
            Format = ImageFormat.Png,
            BitsPerSample = header.BitDepth,
            Spacing = spacing,
            Notes = notes,
        };
    }

    private static VoxelSpacing? ParsePhys(ReadOnlySpan<byte> phys, List<string> notes)
    {
        const byte metre = 1;
        return phys.Length == PhysLength && phys[8] == metre
            ? PhysicalResolution.ToSpacing(
                BinaryPrimitives.ReadUInt32BigEndian(phys),
                BinaryPrimitives.ReadUInt32BigEndian(phys[4..]),
                metric: true,
                notes)
            : null;
    }

    // Leaves the chunk reader at the first chunk after the image data.
    private static float[] Decode(
        Stream source, PngChunkReader chunks, PngHeader header, byte[] palette, CancellationToken cancellation)
    {
        PngPass[] passes = PngPass.Of(header);
        long needed = passes.Sum(pass => (header.RowBytes(pass.Width) + 1L) * pass.Height);
        if (needed / MaxInflation > source.Length)
            throw Refusal.Corrupt($"The PNG is truncated: {header.Width}×{header.Height} pixels do not fit into {source.Length} bytes.");

        PngSampleReader samples = new(header, palette);
        float[] voxels = GC.AllocateUninitializedArray<float>(header.Width * header.Height);
        using (PngRowReader rows = new(chunks, header))
        {
            foreach (PngPass pass in passes)
            {
                rows.Begin(header.RowBytes(pass.Width), pass.Height);
                DecodePass(rows, samples, pass, voxels, header.Width, cancellation);
            }

            rows.Finish();
        }

        chunks.DrainImageData();
        return voxels;
    }

    private static void DecodePass(
        PngRowReader rows, PngSampleReader samples, PngPass pass, Span<float> voxels, int width, CancellationToken cancellation)
    {
        float[] passRow = pass.StepX > 1 ? new float[pass.Width] : [];
        for (int j = 0; j < pass.Height; j++)
        {
            cancellation.ThrowIfCancellationRequested();
            Span<float> row = voxels.Slice((pass.Y + (j * pass.StepY)) * width, width);
            if (pass.StepX == 1)
            {
                samples.ToGrey(rows.Next(), row);
                continue;
            }

            samples.ToGrey(rows.Next(), passRow);
            for (int i = 0; i < passRow.Length; i++)
                row[pass.X + (i * pass.StepX)] = passRow[i];
        }
    }
}
