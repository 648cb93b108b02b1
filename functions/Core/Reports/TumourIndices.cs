using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Surgery;

namespace TumorFunctions.Core.Reports;

/// <summary>
/// Three figures of a tumour between 0 and 1 that no standard defines. All stand on grey levels relative to the image's own range
/// R = [min(q₀.₅, p₁₀), max(q₉₉.₅, p₉₀)], where q are percentiles of the image and p of the tumour, so that none changes when the
/// scale of the image does.
/// </summary>
/// <param name="Heterogeneity">
/// (p₉₀ − p₁₀) / |R|: the share of the image's grey range that the middle four fifths of the tumour spread over; a robust spread
/// (IBSI-1 3.3.6 and 3.3.7 for the percentiles) scaled to the image. 0 where the tumour is uniform.
/// </param>
/// <param name="TextureComplexity">
/// Joint entropy of grey-level co-occurrence (Haralick 1973, f₉; IBSI-1 3.6.4) at distance 1 in the four directions of the slice,
/// directions and slices added up, over <see cref="Levels"/> bins of equal width in R, by its largest value 2·log₂ <see cref="Levels"/>.
/// 0 where all neighbours are alike, 1 where every pair of levels is as likely as any other.
/// </param>
/// <param name="Enhancement">
/// Mean over the tumour of min(1, max(0, v − m) / (w − m)), m the median of the brain outside the tumour, w the upper end of R: which
/// share of the tumour is brighter than brain, and by how much. On T1 images after contrast an index of enhancement; no measurement of
/// perfusion, which needs a series over time.
/// </param>
public sealed record TumourIndices(IndexValue Heterogeneity, IndexValue TextureComplexity, IndexValue Enhancement)
{
    /// <summary>Grey levels of the co-occurrence matrix.</summary>
    public const int Levels = 32;

    /// <param name="volume">The image; depth 1 for a slice.</param>
    /// <param name="mask">The tumour on the same grid.</param>
    /// <param name="spacing">Of the grid, in mm.</param>
    /// <exception cref="ArgumentException">Mask and image differ in size.</exception>
    public static TumourIndices Measure(Volume volume, Mask mask, VoxelSpacing spacing)
    {
        if ((mask.Width, mask.Height, mask.Depth) != (volume.Width, volume.Height, volume.Depth))
        {
            throw new ArgumentException(
                $"The mask has {mask.Width}×{mask.Height}×{mask.Depth} voxels, the image {volume.Width}×{volume.Height}×{volume.Depth}.",
                nameof(mask));
        }

        float[] tumour = [.. Inside(volume, mask)];
        if (tumour.Length == 0)
        {
            return None("没有肿瘤区域");
        }

        if (Array.Exists(tumour, value => !float.IsFinite(value)))
        {
            return None("肿瘤区域含有非数值体素");
        }

        var (p10, p90) = Quantiles.Find(tumour, 0.1, 0.9);
        var (q05, q995) = Quantiles.Find(volume.Voxels, 0.005, 0.995);
        var (black, white) = ((double)Math.Min(q05, p10), (double)Math.Max(q995, p90));
        if (white <= black)
        {
            return None("影像灰度完全一致");
        }

        return new TumourIndices(
            new IndexValue((p90 - (double)p10) / (white - black)),
            Texture(volume, mask, black, white),
            Enhance(volume, mask, spacing, tumour, white));
    }

    private static IndexValue Texture(Volume volume, Mask mask, double black, double white)
    {
        var counts = new long[Levels * Levels];
        long pairs = 0;
        for (var z = 0; z < volume.Depth; z++)
        {
            pairs += Count(volume.Slice(z), mask.Slice(z), volume.Width, volume.Height, black, white, counts);
        }

        if (pairs == 0)
        {
            return new IndexValue(null, "肿瘤区域没有相邻的体素");
        }

        // Every pair counts both ways.
        double entropy = 0;
        for (var i = 0; i < Levels; i++)
        {
            for (var j = 0; j < Levels; j++)
            {
                var p = (counts[(i * Levels) + j] + counts[(j * Levels) + i]) / (2.0 * pairs);
                entropy -= p > 0 ? p * Math.Log2(p) : 0;
            }
        }

        return new IndexValue(Math.Clamp(entropy / (2 * Math.Log2(Levels)), 0, 1));
    }

    private static long Count(
        ReadOnlySpan<float> slice, ReadOnlySpan<byte> mask, int width, int height, double black, double white, long[] counts)
    {
        long pairs = 0;
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var at = (y * width) + x;
                if (mask[at] == 0)
                {
                    continue;
                }

                var row = LevelOf(slice[at], black, white) * Levels;
                foreach (var (dx, dy) in (ReadOnlySpan<(int, int)>)[(1, 0), (-1, 1), (0, 1), (1, 1)])
                {
                    if (x + dx < 0 || x + dx >= width || y + dy >= height)
                    {
                        continue;
                    }

                    var other = at + (dy * width) + dx;
                    if (mask[other] != 0)
                    {
                        counts[row + LevelOf(slice[other], black, white)]++;
                        pairs++;
                    }
                }
            }
        }

        return pairs;
    }

    private static int LevelOf(float value, double black, double white) =>
        (int)Math.Clamp(Levels * (value - black) / (white - black), 0, Levels - 1);

    private static IndexValue Enhance(Volume volume, Mask mask, VoxelSpacing spacing, float[] tumour, double white)
    {
        var head = new HeadModel(volume, mask, spacing);
        var grid = HeadGrid.Over(volume, spacing);
        List<float> brain = [];
        for (var cell = 0; cell < head.Brain.Length; cell++)
        {
            var voxel = grid.VoxelOf(cell, volume);
            if (head.Brain[cell] && mask.Voxels[voxel] == 0 && float.IsFinite(volume.Voxels[voxel]))
            {
                brain.Add(volume.Voxels[voxel]);
            }
        }

        if (brain.Count == 0)
        {
            return new IndexValue(null, "影像中未找到肿瘤以外的脑组织");
        }

        double median = Quantiles.Find([.. brain], 0, 0.5).High;
        return white > median
            ? new IndexValue(tumour.Average(value => Math.Clamp((value - median) / (white - median), 0, 1)))
            : new IndexValue(0);
    }

    private static IEnumerable<float> Inside(Volume volume, Mask mask)
    {
        for (var i = 0; i < mask.Voxels.Length; i++)
        {
            if (mask.Voxels[i] != 0)
            {
                yield return volume.Voxels[i];
            }
        }
    }

    private static TumourIndices None(string reason)
    {
        var none = new IndexValue(null, reason);
        return new TumourIndices(none, none, none);
    }
}

/// <param name="Value">Between 0 and 1; null where it cannot be computed.</param>
/// <param name="Reason">Why the value is null, for the user's eyes.</param>
public sealed record IndexValue(double? Value, string? Reason = null);
