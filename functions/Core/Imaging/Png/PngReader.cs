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
        float[] voxels = [];
        Layout layout = Parse(
            source,
            limits,
            header =>
            {
                voxels = GC.AllocateUninitializedArray<float>(header.Width * header.Height);
                return new FullSink(voxels, header.Width);
            },
            cancellation);
        return layout.ToVolume(voxels, layout.Header.Width, layout.Header.Height);
    }

    /// <summary>The picture reduced to <paramref name="longSide"/>, decoded to its end in memory for a few rows.</summary>
    public static ReducedVolume ReadReduced(Stream source, ImageLimits limits, int longSide, CancellationToken cancellation)
    {
        ReducingSink? sink = null;
        Layout layout = Parse(
            source, limits, header => sink = new ReducingSink(header.Width, header.Height, longSide), cancellation);
        return new ReducedVolume(
            layout.ToVolume(sink!.Finish(), sink.Width, sink.Height), layout.Header.Width, layout.Header.Height, 1);
    }

    private static Layout Parse(
        Stream source, ImageLimits limits, Func<PngHeader, GreySink> openSink, CancellationToken cancellation)
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
        GreySink? sink = null;
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
                case PngChunkReader.Idat when sink is null:
                    RequireData(source, header);
                    sink = openSink(header);
                    Decode(chunks, header, palette, sink, cancellation);
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
        return sink is null
            ? throw Refusal.Corrupt("The PNG has no image data.")
            : new Layout(header, spacing, notes);
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

    private static void RequireData(Stream source, PngHeader header)
    {
        long needed = PngPass.Of(header).Sum(pass => (header.RowBytes(pass.Width) + 1L) * pass.Height);
        if (needed / MaxInflation > source.Length)
            throw Refusal.Corrupt($"The PNG is truncated: {header.Width}×{header.Height} pixels do not fit into {source.Length} bytes.");
    }

    // Leaves the chunk reader at the first chunk after the image data.
    private static void Decode(
        PngChunkReader chunks, PngHeader header, byte[] palette, GreySink sink, CancellationToken cancellation)
    {
        PngSampleReader samples = new(header, palette);
        using (PngRowReader rows = new(chunks, header))
        {
            foreach (PngPass pass in PngPass.Of(header))
            {
                rows.Begin(header.RowBytes(pass.Width), pass.Height);
                DecodePass(rows, samples, pass, sink, header.Width, cancellation);
            }

            rows.Finish();
        }

        chunks.DrainImageData();
    }

    private static void DecodePass(
        PngRowReader rows, PngSampleReader samples, PngPass pass, GreySink sink, int width, CancellationToken cancellation)
    {
        float[] passRow = pass.StepX > 1 ? new float[pass.Width] : [];
        for (int j = 0; j < pass.Height; j++)
        {
            cancellation.ThrowIfCancellationRequested();
            int y = pass.Y + (j * pass.StepY);
            if (pass.StepX == 1)
            {
                samples.ToGrey(rows.Next(), sink.Row(0, y, width));
                continue;
            }

            samples.ToGrey(rows.Next(), passRow);
            sink.Scatter(pass.X, y, pass.StepX, passRow);
        }
    }

    private sealed record Layout(PngHeader Header, VoxelSpacing? Spacing, IReadOnlyList<string> Notes)
    {
        public Volume ToVolume(float[] voxels, int width, int height) => new(voxels, width, height, 1)
        {
            Format = ImageFormat.Png,
            BitsPerSample = Header.BitDepth,
            Spacing = Spacing,
            Notes = Notes,
        };
    }
}
