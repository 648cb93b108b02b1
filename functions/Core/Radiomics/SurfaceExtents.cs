using System.Buffers;

namespace TumorFunctions.Core.Radiomics;

/// <summary>
/// The outermost vertices of a surface mesh in every row along x and along y, in half voxels: no other vertex can be an end of a
/// diameter. Row and column coordinates count from the vertices half a voxel before the box.
/// </summary>
internal sealed class SurfaceExtents : IDisposable
{
    private readonly int[] _buffer;
    private readonly int _alongX;
    private readonly int _alongY;

    public SurfaceExtents(int width, int height, int depth)
    {
        Width = (2 * width) + 1;
        Height = (2 * height) + 1;
        Depth = (2 * depth) + 1;
        _alongX = Depth * Height;
        _alongY = Depth * Width;
        _buffer = ArrayPool<int>.Shared.Rent(2 * (_alongX + _alongY));
        MinimumX.Fill(int.MaxValue);
        MaximumX.Fill(int.MinValue);
        MinimumY.Fill(int.MaxValue);
        MaximumY.Fill(int.MinValue);
    }

    public int Width { get; }

    public int Height { get; }

    public int Depth { get; }

    /// <summary>By z, then y; <see cref="int.MaxValue"/> where the row has no vertex.</summary>
    public Span<int> MinimumX => _buffer.AsSpan(0, _alongX);

    public Span<int> MaximumX => _buffer.AsSpan(_alongX, _alongX);

    /// <summary>By z, then x; <see cref="int.MaxValue"/> where the row has no vertex.</summary>
    public Span<int> MinimumY => _buffer.AsSpan(2 * _alongX, _alongY);

    public Span<int> MaximumY => _buffer.AsSpan((2 * _alongX) + _alongY, _alongY);

    public void Add(int x, int y, int z)
    {
        var (row, column) = ((z * Height) + y, (z * Width) + x);
        ref var lowX = ref _buffer[row];
        ref var highX = ref _buffer[_alongX + row];
        ref var lowY = ref _buffer[(2 * _alongX) + column];
        ref var highY = ref _buffer[(2 * _alongX) + _alongY + column];
        lowX = Math.Min(lowX, x);
        highX = Math.Max(highX, x);
        lowY = Math.Min(lowY, y);
        highY = Math.Max(highY, y);
    }

    public void Dispose() => ArrayPool<int>.Shared.Return(_buffer);
}
