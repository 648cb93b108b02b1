using System.Buffers;
using System.IO.Compression;

namespace TumorFunctions.Core.Imaging.Png;

/// <summary>Inflates the image data some rows at a time and undoes their filters in place.</summary>
internal sealed class PngRowReader : IDisposable
{
    // Inflating is fastest into large blocks: near the end of each call zlib falls back to its careful loop.
    private const int BlockLength = 128 * 1024;

    private readonly ZLibStream _inflated;
    private readonly int _filterDistance;
    private readonly byte[] _block;

    private int _rowLength;
    private long _rowsLeft;
    private int _position;
    private int _filled;
    private int _previous;

    /// <param name="imageData">The concatenated content of the IDAT chunks.</param>
    public PngRowReader(Stream imageData, PngHeader header)
    {
        _inflated = new ZLibStream(imageData, CompressionMode.Decompress);
        _filterDistance = header.FilterDistance;

        // Room for the row above, then at least one whole row.
        int longestRow = header.RowBytes(header.Width) + 1;
        _block = ArrayPool<byte>.Shared.Rent(checked(longestRow + Math.Max(longestRow, BlockLength)));
    }

    /// <summary>Starts an image, or one pass of an interlaced one.</summary>
    /// <param name="rowBytes">Bytes of a row without its filter byte.</param>
    /// <param name="rows">Number of rows that follow.</param>
    public void Begin(int rowBytes, int rows)
    {
        _rowLength = rowBytes + 1;
        _rowsLeft = rows;
        _block.AsSpan(0, _rowLength).Clear();
        _previous = 0;
        _position = _filled = _rowLength;
    }

    /// <summary>The next row, unfiltered; valid until the next call.</summary>
    public ReadOnlySpan<byte> Next()
    {
        if (_position == _filled)
            Fill();

        Span<byte> row = _block.AsSpan(_position + 1, _rowLength - 1);
        PngFilters.Undo(_block[_position], row, _block.AsSpan(_previous + 1, _rowLength - 1), _filterDistance);
        _previous = _position;
        _position += _rowLength;
        return row;
    }

    /// <summary>Reads on to the end of the compressed stream, whose checksum is verified there; surplus data is ignored.</summary>
    public void Finish() => _inflated.ReadByte();

    public void Dispose()
    {
        _inflated.Dispose();
        ArrayPool<byte>.Shared.Return(_block);
    }

    private void Fill()
    {
        _block.AsSpan(_previous, _rowLength).CopyTo(_block);
        _previous = 0;
        _position = _rowLength;
        long rows = Math.Min(_rowsLeft, (_block.Length / _rowLength) - 1);
        _filled = _position + (int)(rows * _rowLength);
        _rowsLeft -= rows;
        _inflated.ReadWhole(_block.AsSpan(_position, _filled - _position), "The image data of the PNG");
    }
}
