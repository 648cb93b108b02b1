using System.IO.Compression;

namespace TumorFunctions.Core.Imaging.Png;

/// <summary>Filters rows and deflates them into IDAT chunks.</summary>
internal sealed class PngRowWriter : IDisposable
{
    // Filtered scans hold noise and runs, no repeated strings: run-length matches and Huffman codes alone made files as
    // small as the slowest level of the full search, in the time of its fastest.
    private static readonly ZLibCompressionOptions Compression =
        new() { CompressionLevel = 1, CompressionStrategy = ZLibCompressionStrategy.RunLengthEncoding };

    private readonly PngChunkWriter _chunks;
    private readonly ZLibStream _deflated;
    private readonly int _distance;
    private readonly byte[] _above;
    private readonly byte[][] _candidates;

    public PngRowWriter(Stream destination, PngHeader header)
    {
        _chunks = new PngChunkWriter(destination);
        _deflated = new ZLibStream(_chunks, Compression, leaveOpen: true);
        _distance = header.FilterDistance;
        int rowBytes = header.RowBytes(header.Width);
        _above = new byte[rowBytes];
        byte[] tried = [PngFilters.None, PngFilters.Sub, PngFilters.Up, PngFilters.Paeth];
        _candidates = [.. tried.Select(filter =>
        {
            byte[] row = new byte[rowBytes + 1];
            row[0] = filter;
            return row;
        })];
    }

    /// <param name="row">The samples of the row as the file holds them.</param>
    public void Write(ReadOnlySpan<byte> row)
    {
        // The usual heuristic (PNG specification, 12.7): the filter whose output, as signed bytes, sums up least.
        byte[] best = _candidates[0];
        long least = long.MaxValue;
        foreach (byte[] candidate in _candidates)
        {
            Span<byte> filtered = candidate.AsSpan(1);
            PngFilters.Apply(candidate[0], row, _above, filtered, _distance);
            long sum = PngFilters.SumOfMagnitudes(filtered);
            if (sum < least)
                (best, least) = (candidate, sum);
        }

        _deflated.Write(best);
        row.CopyTo(_above);
    }

    public void Dispose()
    {
        _deflated.Dispose();
        _chunks.Dispose();
    }
}
