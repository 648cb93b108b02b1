using System.Buffers;
using System.Numerics;

namespace TumorFunctions.Core.Imaging.Filters;

/// <summary>
/// A copy of a picture with its border pixels repeated outwards, so that a window fits around every pixel, and room for whole vectors
/// at the end of every row.
/// </summary>
internal sealed class PaddedPlane<T> : IDisposable
    where T : unmanaged, INumberBase<T>
{
    private readonly T[] _values;
    private readonly int _stride;
    private readonly int _radius;

    public PaddedPlane(GreyImage image, int radius)
    {
        _radius = radius;
        int width = VectorWidth(image.Width);
        _stride = width + (2 * radius);
        int rows = image.Height + (2 * radius);
        _values = ArrayPool<T>.Shared.Rent(checked(_stride * rows));
        for (int y = 0; y < image.Height; y++)
        {
            Span<T> row = Stored(y + radius);
            ReadOnlySpan<ushort> levels = image.Levels.AsSpan(y * image.Width, image.Width);
            for (int x = 0; x < levels.Length; x++)
                row[radius + x] = T.CreateTruncating(levels[x]);
            row[..radius].Fill(row[radius]);
            row[(radius + image.Width)..].Fill(row[radius + image.Width - 1]);
        }

        for (int y = 0; y < radius; y++)
        {
            Stored(radius).CopyTo(Stored(y));
            Stored(radius + image.Height - 1).CopyTo(Stored(radius + image.Height + y));
        }
    }

    /// <summary>Row y of the picture, which begins <c>radius</c> values after the span's start; −radius ≤ y &lt; height + radius.</summary>
    public ReadOnlySpan<T> Row(int y) => Stored(y + _radius);

    /// <summary>A picture's width rounded up to whole vectors.</summary>
    public static int VectorWidth(int width) => (width + Vector<T>.Count - 1) / Vector<T>.Count * Vector<T>.Count;

    public void Dispose() => ArrayPool<T>.Shared.Return(_values);

    private Span<T> Stored(int row) => _values.AsSpan(row * _stride, _stride);
}
