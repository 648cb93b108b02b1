using System.Buffers;
using System.Numerics;

namespace TumorFunctions.Core.Imaging.Filters;

/// <summary>Separable Gaussian smoothing; the picture's border is repeated outwards.</summary>
public static class GaussianFilter
{
    public const double DefaultSigma = 1;

    private const double MaxSigma = 50;

    /// <summary>Smooths with weights e^(−d²/2σ²) for whole distances d up to ⌈3σ⌉ along each axis, normalised to 1.</summary>
    /// <param name="sigma">In pixels, above 0 and at most 50.</param>
    public static GreyImage Apply(GreyImage image, double sigma = DefaultSigma, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (!(sigma > 0 && sigma <= MaxSigma))
            throw new ArgumentOutOfRangeException(nameof(sigma), sigma, $"Sigma lies above 0 and is at most {MaxSigma} pixels.");

        float[] kernel = Kernel(sigma);
        int radius = kernel.Length / 2;
        using PaddedPlane<float> plane = new(image, radius);
        ushort[] levels = new ushort[image.Levels.Length];
        RowBands.Run(image.Width, image.Height, (from, to) =>
        {
            int width = PaddedPlane<float>.VectorWidth(image.Width);
            float[] column = ArrayPool<float>.Shared.Rent(width + (2 * radius));
            float[] row = ArrayPool<float>.Shared.Rent(width);
            for (int y = from; y < to; y++)
            {
                AlongColumns(plane, y, kernel, column.AsSpan(0, width + (2 * radius)));
                AlongRow(column, kernel, row.AsSpan(0, width));
                Levels.Round(row, levels.AsSpan(y * image.Width, image.Width), image.MaxLevel);
            }

            ArrayPool<float>.Shared.Return(column);
            ArrayPool<float>.Shared.Return(row);
        }, cancellation);
        return image.With(levels);
    }

    private static float[] Kernel(double sigma)
    {
        int radius = (int)Math.Ceiling(3 * sigma);
        double[] weights = [.. Enumerable.Range(-radius, (2 * radius) + 1).Select(d => Math.Exp(-d * d / (2 * sigma * sigma)))];
        double sum = weights.Sum();
        return [.. weights.Select(weight => (float)(weight / sum))];
    }

    private static void AlongColumns(PaddedPlane<float> plane, int y, float[] kernel, Span<float> result)
    {
        int radius = kernel.Length / 2;
        result.Clear();
        for (int t = 0; t < kernel.Length; t++)
        {
            ReadOnlySpan<float> source = plane.Row(y + t - radius);
            Vector<float> weight = new(kernel[t]);
            int x = 0;
            for (; x <= result.Length - Vector<float>.Count; x += Vector<float>.Count)
                (new Vector<float>(result[x..]) + (weight * new Vector<float>(source[x..]))).CopyTo(result[x..]);
            for (; x < result.Length; x++)
                result[x] += kernel[t] * source[x];
        }
    }

    private static void AlongRow(ReadOnlySpan<float> source, float[] kernel, Span<float> result)
    {
        for (int x = 0; x < result.Length; x += Vector<float>.Count)
        {
            Vector<float> sum = Vector<float>.Zero;
            for (int t = 0; t < kernel.Length; t++)
                sum += new Vector<float>(kernel[t]) * new Vector<float>(source[(x + t)..]);
            sum.CopyTo(result[x..]);
        }
    }
}
