namespace TumorFunctions.Core.Imaging;

/// <summary>A binary region on the grid of a <see cref="Volume"/>: 1 inside, 0 outside; x fastest, then y, then z.</summary>
public sealed class Mask
{
    /// <exception cref="ArgumentException">The number of voxels is not width × height × depth.</exception>
    public Mask(byte[] voxels, int width, int height, int depth = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(depth);
        if (voxels.LongLength != (long)width * height * depth)
        {
            throw new ArgumentException($"{voxels.Length} voxels do not fill {width}×{height}×{depth}.", nameof(voxels));
        }

        Voxels = voxels;
        Width = width;
        Height = height;
        Depth = depth;
    }

    public byte[] Voxels { get; }

    public int Width { get; }

    public int Height { get; }

    public int Depth { get; }

    public bool IsEmpty => !Voxels.AsSpan().ContainsAnyExcept((byte)0);

    public static Mask Empty(int width, int height, int depth = 1) =>
        new(new byte[checked(width * height * depth)], width, height, depth);

    public ReadOnlySpan<byte> Slice(int z) => Voxels.AsSpan(checked(z * Width * Height), Width * Height);
}
