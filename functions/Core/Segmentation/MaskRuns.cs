using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Segmentation;

/// <summary>
/// A region of an image as the runs of its rows: compact where a region is large, and the same on the wire as in memory.
/// </summary>
/// <param name="Runs">Triples row, first column, column after the last; by rows, then columns.</param>
public sealed record MaskRuns(IReadOnlyList<int> Runs)
{
    public static MaskRuns Empty { get; } = new([]);

    /// <summary>The runs of one slice of a mask.</summary>
    public static MaskRuns Of(Mask mask, int z = 0)
    {
        var slice = mask.Slice(z);
        var runs = new List<int>();
        for (var y = 0; y < mask.Height; y++)
        {
            var row = slice.Slice(y * mask.Width, mask.Width);
            for (var x = row.IndexOfAnyExcept((byte)0); x >= 0;)
            {
                var length = row[x..].IndexOf((byte)0);
                var end = length < 0 ? row.Length : x + length;
                runs.AddRange([y, x, end]);
                var gap = row[end..].IndexOfAnyExcept((byte)0);
                x = gap < 0 ? -1 : end + gap;
            }
        }

        return new MaskRuns(runs);
    }

    /// <summary>Number of pixels.</summary>
    public long Area
    {
        get
        {
            long area = 0;
            for (var i = 0; i < Runs.Count; i += 3)
                area += Runs[i + 2] - Runs[i + 1];
            return area;
        }
    }

    /// <summary>Sets the region's pixels in a slice of a mask.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A run leaves the slice.</exception>
    public void AddTo(Mask mask, int z = 0)
    {
        var slice = mask.Voxels.AsSpan(checked(z * mask.Width * mask.Height), mask.Width * mask.Height);
        for (var i = 0; i < Runs.Count; i += 3)
            slice.Slice(Runs[i] * mask.Width, mask.Width)[Runs[i + 1]..Runs[i + 2]].Fill(1);
    }

    /// <summary>The region alone as a mask of the given size.</summary>
    public Mask ToMask(int width, int height)
    {
        var mask = Mask.Empty(width, height);
        AddTo(mask);
        return mask;
    }
}
