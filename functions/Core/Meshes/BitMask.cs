using System.Buffers;
using System.Numerics;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Meshes;

/// <summary>Receives the marching cubes that the surface of a mask passes through.</summary>
internal interface ICubeVisitor
{
    /// <param name="x">The voxel at corner 0 of the cube; −1 for the cubes before the first voxel.</param>
    /// <param name="configuration">Bit c is set where corner c is inside; bits 0, 1 and 2 of c are its x, y and z.</param>
    void Visit(int x, int y, int z, int configuration);
}

/// <summary>A box of voxels, one bit each, with a margin of outside voxels around it.</summary>
internal sealed class BitMask : IDisposable
{
    private readonly ulong[] _words;
    private readonly int _wordsPerRow;

    /// <exception cref="ArgumentException">The box is too large to be held.</exception>
    public BitMask(int width, int height, int depth)
    {
        Width = width;
        Height = height;
        Depth = depth;
        // The margins on both sides, and a word beyond so that the neighbour of the last bit can be read.
        _wordsPerRow = ((width + 1) / 64) + 2;
        var length = (long)_wordsPerRow * (height + 2) * (depth + 2);
        if (length > Array.MaxLength)
        {
            throw new ArgumentException($"A box of {width}×{height}×{depth} voxels is too large.");
        }

        _words = ArrayPool<ulong>.Shared.Rent((int)length);
        _words.AsSpan(0, (int)length).Clear();
    }

    public int Width { get; }

    public int Height { get; }

    public int Depth { get; }

    public static BitMask From(Mask mask)
    {
        var bits = new BitMask(mask.Width, mask.Height, mask.Depth);
        for (var z = 0; z < mask.Depth; z++)
        {
            for (var y = 0; y < mask.Height; y++)
            {
                var row = mask.Slice(z).Slice(y * mask.Width, mask.Width);
                for (var x = row.IndexOfAnyExcept((byte)0); x >= 0 && x < row.Length;)
                {
                    var length = row[x..].IndexOf((byte)0);
                    length = length < 0 ? row.Length - x : length;
                    bits.SetRun(x, y, z, length);
                    x += length;
                    var gap = row[x..].IndexOfAnyExcept((byte)0);
                    x = gap < 0 ? row.Length : x + gap;
                }
            }
        }

        return bits;
    }

    /// <summary>Puts <paramref name="length"/> voxels from x on inside.</summary>
    public void SetRun(int x, int y, int z, int length)
    {
        var row = Row(y, z);
        var (first, last) = (x + 1, x + length);
        var (firstWord, lastWord) = (first / 64, last / 64);
        var from = ulong.MaxValue << (first % 64);
        var to = ulong.MaxValue >> (63 - (last % 64));
        if (firstWord == lastWord)
        {
            row[firstWord] |= from & to;
            return;
        }

        row[firstWord] |= from;
        row[(firstWord + 1)..lastWord].Fill(ulong.MaxValue);
        row[lastWord] |= to;
    }

    /// <summary>Visits every cube of eight voxels that has corners inside and outside, by z, then y, then x.</summary>
    public void VisitSurface<TVisitor>(ref TVisitor visitor)
        where TVisitor : struct, ICubeVisitor
    {
        for (var z = -1; z < Depth; z++)
        {
            for (var y = -1; y < Height; y++)
            {
                VisitRow(ref visitor, y, z);
            }
        }
    }

    public void Dispose() => ArrayPool<ulong>.Shared.Return(_words);

    private void VisitRow<TVisitor>(ref TVisitor visitor, int y, int z)
        where TVisitor : struct, ICubeVisitor
    {
        ReadOnlySpan<ulong> r0 = Row(y, z), r1 = Row(y + 1, z), r2 = Row(y, z + 1), r3 = Row(y + 1, z + 1);
        for (var w = 0; w < r0.Length - 1; w++)
        {
            ulong a0 = r0[w], b0 = r1[w], c0 = r2[w], d0 = r3[w];
            if ((a0 | b0 | c0 | d0 | r0[w + 1] | r1[w + 1] | r2[w + 1] | r3[w + 1]) == 0)
            {
                continue;
            }

            ulong a1 = Next(r0, w), b1 = Next(r1, w), c1 = Next(r2, w), d1 = Next(r3, w);
            var some = a0 | b0 | c0 | d0 | a1 | b1 | c1 | d1;
            var all = a0 & b0 & c0 & d0 & a1 & b1 & c1 & d1;
            for (var active = some & ~all; active != 0; active &= active - 1)
            {
                var bit = BitOperations.TrailingZeroCount(active);
                var configuration = (Bit(a0, bit) << 0) | (Bit(a1, bit) << 1) | (Bit(b0, bit) << 2) | (Bit(b1, bit) << 3)
                    | (Bit(c0, bit) << 4) | (Bit(c1, bit) << 5) | (Bit(d0, bit) << 6) | (Bit(d1, bit) << 7);
                visitor.Visit((w * 64) + bit - 1, y, z, configuration);
            }
        }
    }

    private Span<ulong> Row(int y, int z) => _words.AsSpan((((z + 1) * (Height + 2)) + y + 1) * _wordsPerRow, _wordsPerRow);

    /// <summary>Each bit's neighbour at x + 1, in its place.</summary>
    private static ulong Next(ReadOnlySpan<ulong> row, int w) => (row[w] >> 1) | (row[w + 1] << 63);

    private static int Bit(ulong word, int bit) => (int)(word >> bit) & 1;
}
