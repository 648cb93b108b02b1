namespace TumorFunctions.Core.Imaging.Dicom;

/// <summary>Decodes DICOM images of one frame or several to the values that they mean, with what is told of the study.</summary>
internal static class DicomReader
{
    /// <param name="available">Bytes that a stream which cannot seek can yield at most.</param>
    public static Volume Read(
        Stream stream, ImageLimits limits, CancellationToken cancellation, long available = long.MaxValue)
    {
        DicomImage image = DicomImage.Open(stream, limits, available);
        DicomFrameDecoder decoder = new(image.Header, image.Layout, limits, cancellation);
        int size = image.Layout.Pixels;
        float[] voxels = new float[size * image.Stack.Order.Length];
        int[] slot = new int[image.Layout.Frames];
        Array.Fill(slot, -1);
        for (int z = 0; z < image.Stack.Order.Length; z++)
            slot[image.Stack.Order[z]] = z;

        for (int frame = 0; frame < slot.Length; frame++)
        {
            if (slot[frame] < 0)
                decoder.Skip();
            else
                decoder.Next(image.ModalityOf(frame), voxels.AsSpan(slot[frame] * size, size));
        }

        return image.ToVolume(voxels, image.Stack.Order.Length);
    }

    /// <summary>The grid alone, from the header.</summary>
    public static VolumeGeometry ReadGeometry(Stream stream, ImageLimits limits)
    {
        DicomImage image = DicomImage.Open(stream, limits);
        return image.Describe(image.Stack.Order.Length);
    }

    /// <summary>The middle slice reduced to <paramref name="longSide"/>, in memory for a frame.</summary>
    public static ReducedVolume ReadReduced(
        Stream stream, ImageLimits limits, int longSide, CancellationToken cancellation, long available = long.MaxValue)
    {
        DicomImage image = DicomImage.Open(stream, limits, available);
        int depth = image.Stack.Order.Length;
        int middle = image.Stack.Order[depth / 2];
        DicomFrameDecoder decoder = new(image.Header, image.Layout, limits, cancellation);
        for (int frame = 0; frame < middle; frame++)
        {
            cancellation.ThrowIfCancellationRequested();
            decoder.Skip();
        }

        float[] slice = new float[image.Layout.Pixels];
        decoder.Next(image.ModalityOf(middle), slice);
        ReducingSink sink = new(image.Layout.Width, image.Layout.Height, longSide);
        for (int y = 0; y < image.Layout.Height; y++)
            slice.AsSpan(y * image.Layout.Width, image.Layout.Width).CopyTo(sink.Row(0, y, image.Layout.Width));
        float[] means = sink.Finish();
        return new ReducedVolume(image.ToVolume(means, 1, (sink.Width, sink.Height)), image.Layout.Width, image.Layout.Height, depth);
    }
}
