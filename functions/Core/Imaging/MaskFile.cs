namespace TumorFunctions.Core.Imaging;

/// <summary>A region as a file holds it, on the file's own grid.</summary>
/// <param name="Notes">Anything the reader had to decide.</param>
public sealed record MaskFile(Mask Mask, VolumeGeometry Geometry, ImageFormat Format, IReadOnlyList<string> Notes)
{
    internal static MaskFile Of(Volume volume)
    {
        byte[] voxels = new byte[volume.Voxels.Length];
        Mark(volume.Voxels, voxels);
        return new MaskFile(new Mask(voxels, volume.Width, volume.Height, volume.Depth), volume.Geometry, volume.Format, volume.Notes);
    }

    // NaN is greater than nothing and less than nothing.
    internal static void Mark(ReadOnlySpan<float> values, Span<byte> inside)
    {
        for (int i = 0; i < values.Length; i++)
            inside[i] = values[i] is > 0 or < 0 ? (byte)1 : (byte)0;
    }
}
