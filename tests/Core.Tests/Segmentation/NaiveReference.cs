using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Core.Tests.Segmentation;

/// <summary>The inference path in its plainest form: every step over whole images, in the order the contract states it.</summary>
public static class NaiveReference
{
    public sealed record Finding(int ClassId, float Score, float[] Box, float[] Coefficients);

    public sealed record Placement(int Width, int Height, int Left, int Top, int Right, int Bottom, double Ratio);

    public static Placement Place(int width, int height, int targetWidth, int targetHeight)
    {
        var ratio = Math.Min((double)targetHeight / height, (double)targetWidth / width);
        int w = Math.Max(1, (int)Math.Round(width * ratio)), h = Math.Max(1, (int)Math.Round(height * ratio));
        double dx = (targetWidth - w) / 2.0, dy = (targetHeight - h) / 2.0;
        return new Placement(
            w, h, (int)Math.Round(dx - 0.1), (int)Math.Round(dy - 0.1), (int)Math.Round(dx + 0.1), (int)Math.Round(dy + 0.1), ratio);
    }

    /// <summary>The letterboxed slice in whole grey levels, [targetHeight, targetWidth].</summary>
    public static float[,] Letterbox(GreySlice slice, int targetWidth, int targetHeight)
    {
        var place = Place(slice.Width, slice.Height, targetWidth, targetHeight);
        var source = new float[slice.Height, slice.Width];
        for (var y = 0; y < slice.Height; y++)
            for (var x = 0; x < slice.Width; x++)
                source[y, x] = slice.Pixels.Span[(y * slice.Width) + x];
        var resized = Resize(source, place.Width, place.Height);
        var result = new float[targetHeight, targetWidth];
        for (var y = 0; y < targetHeight; y++)
        {
            for (var x = 0; x < targetWidth; x++)
            {
                int sx = x - place.Left, sy = y - place.Top;
                result[y, x] = sx >= 0 && sx < place.Width && sy >= 0 && sy < place.Height ? MathF.Round(resized[sy, sx]) : 114;
            }
        }

        return result;
    }

    public static float[,] Resize(float[,] source, int width, int height)
    {
        int sourceHeight = source.GetLength(0), sourceWidth = source.GetLength(1);
        var result = new float[height, width];
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                // In single precision and this order, as PyTorch's interpolate, so that halves round alike.
                var fx = Math.Max(0, ((float)sourceWidth / width * (x + 0.5f)) - 0.5f);
                var fy = Math.Max(0, ((float)sourceHeight / height * (y + 0.5f)) - 0.5f);
                int x0 = Math.Min((int)fx, sourceWidth - 1), y0 = Math.Min((int)fy, sourceHeight - 1);
                int x1 = Math.Min(x0 + 1, sourceWidth - 1), y1 = Math.Min(y0 + 1, sourceHeight - 1);
                float tx = fx - x0, ty = fy - y0;
                result[y, x] = ((1 - ty) * (((1 - tx) * source[y0, x0]) + (tx * source[y0, x1]))) +
                    (ty * (((1 - tx) * source[y1, x0]) + (tx * source[y1, x1])));
            }
        }

        return result;
    }

    /// <param name="predictions">[4 + classes + coefficients, count].</param>
    public static List<Finding> Detect(
        float[] predictions, int count, int classes, int coefficients, float confidence, float limit, int most)
    {
        var all = new List<Finding>();
        for (var i = 0; i < count; i++)
        {
            float At(int number) => predictions[(number * count) + i];
            var best = Enumerable.Range(0, classes).MaxBy(c => At(4 + c));
            if (At(4 + best) > confidence)
            {
                float[] box = [At(0) - (At(2) / 2), At(1) - (At(3) / 2), At(0) + (At(2) / 2), At(1) + (At(3) / 2)];
                all.Add(new Finding(best, At(4 + best), box, [.. Enumerable.Range(4 + classes, coefficients).Select(At)]));
            }
        }

        all = [.. all.OrderByDescending(f => f.Score)];
        var dropped = new bool[all.Count];
        var kept = new List<Finding>();
        for (var i = 0; i < all.Count; i++)
        {
            if (dropped[i])
                continue;
            kept.Add(all[i]);
            for (var k = i + 1; k < all.Count; k++)
                dropped[k] |= all[i].ClassId == all[k].ClassId && Overlap(all[i].Box, all[k].Box) > limit;
        }

        return [.. kept.Take(most)];
    }

    public static float Overlap(float[] a, float[] b)
    {
        var width = Math.Max(0, Math.Min(a[2], b[2]) - Math.Max(a[0], b[0]));
        var height = Math.Max(0, Math.Min(a[3], b[3]) - Math.Max(a[1], b[1]));
        float Area(float[] box) => (box[2] - box[0]) * (box[3] - box[1]);
        return width * height / (Area(a) + Area(b) - (width * height));
    }

    /// <summary>
    /// Mask logits at the source's resolution: combined, cut to the box on the prototype grid, upsampled to the input, borders
    /// cut away, upsampled to the source.
    /// </summary>
    public static float[,] MaskLogits(
        Finding finding, float[] prototypes, int gridWidth, int gridHeight, GreySlice slice, int inputWidth, int inputHeight)
    {
        var grid = new float[gridHeight, gridWidth];
        double sx = (double)gridWidth / inputWidth, sy = (double)gridHeight / inputHeight;
        for (var y = 0; y < gridHeight; y++)
        {
            for (var x = 0; x < gridWidth; x++)
            {
                if (x < finding.Box[0] * sx || x >= finding.Box[2] * sx || y < finding.Box[1] * sy || y >= finding.Box[3] * sy)
                    continue;
                for (var k = 0; k < finding.Coefficients.Length; k++)
                    grid[y, x] += finding.Coefficients[k] * prototypes[(((k * gridHeight) + y) * gridWidth) + x];
            }
        }

        var place = Place(slice.Width, slice.Height, inputWidth, inputHeight);
        var input = Resize(grid, inputWidth, inputHeight);
        var cut = new float[place.Height, place.Width];
        for (var y = 0; y < place.Height; y++)
            for (var x = 0; x < place.Width; x++)
                cut[y, x] = input[y + place.Top, x + place.Left];
        return Resize(cut, slice.Width, slice.Height);
    }

    /// <summary>A logit very close to 0 may fall on either side in single precision; a plain 0 lies outside of the finding's box.</summary>
    public static void AssertMask(float[,] logits, byte[] mask, bool zeroIsOutside = true)
    {
        const double Tie = 1e-4;
        var width = logits.GetLength(1);
        var ties = 0;
        for (var i = 0; i < mask.Length; i++)
        {
            var logit = logits[i / width, i % width];
            if (Math.Abs(logit) < Tie && !(zeroIsOutside && logit == 0))
                ties++;
            else
                Assert.True(logit > 0 == (mask[i] == 1), $"pixel ({i % width}, {i / width}) has logit {logit} and mask {mask[i]}");
        }

        Assert.True(ties <= 2 + (mask.Length / 100), $"{ties} of {mask.Length} logits are too close to 0 to judge");
    }
}
