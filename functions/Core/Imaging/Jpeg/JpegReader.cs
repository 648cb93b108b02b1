namespace TumorFunctions.Core.Imaging.Jpeg;

/// <summary>Decodes JPEG files to grey, turned upright as their EXIF orientation says.</summary>
internal static class JpegReader
{
    public static Volume Read(Stream source, ImageLimits limits, CancellationToken cancellation)
    {
        JpegDecoder decoder = new(source, limits) { RequiresEnd = true };
        JpegImage image = decoder.Decode(cancellation);
        float[] voxels = GC.AllocateUninitializedArray<float>(image.Width * image.Height);
        image.ToGrey(voxels);

        List<string> notes = [];
        JpegMetadata metadata = decoder.Metadata;
        VoxelSpacing? spacing = metadata.Resolution is { } resolution
            ? PhysicalResolution.ToSpacing(resolution.X, resolution.Y, metadata.IsMetric, notes)
            : null;
        (int width, int height) = (image.Width, image.Height);
        if (metadata.Orientation != Orientation.Upright)
        {
            voxels = Orientation.Apply(voxels, ref width, ref height, metadata.Orientation);
            notes.Add($"Turned upright as its orientation tag ({metadata.Orientation}) says.");
            if (spacing is { } s && Orientation.SwapsAxes(metadata.Orientation))
                spacing = s with { X = s.Y, Y = s.X };
        }

        return new Volume(voxels, width, height, 1)
        {
            Format = ImageFormat.Jpeg,
            BitsPerSample = image.Precision,
            Spacing = spacing,
            Notes = notes,
        };
    }
}
