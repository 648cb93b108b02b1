using System.Buffers;
using System.Numerics;

namespace TumorFunctions.Core.Imaging.Filters;

/// <summary>
/// Smooths within regions but not across edges (Tomasi and Manduchi, ICCV 1998): each pixel becomes the mean of its neighbourhood with
/// weights e^(−d²/2σ_s²) · e^(−Δ²/2σ_r²) for the distance d and the difference of levels Δ.
/// </summary>
public static class BilateralFilter
{
    /// <summary>In pixels.</summary>
    public const double DefaultSpatialSigma = 2;

    /// <summary>As a share of the highest level.</summary>
    public const double DefaultRangeSigma = 0.1;

    private const double MaxSpatialSigma = 10;

    /// <summary>Filters over a square window of radius ⌈2σ_s⌉; the picture's border is repeated outwards.</summary>
    /// <param name="spatialSigma">σ_s in pixels, above 0 and at most 10.</param>
    /// <param name="rangeSigma">σ_r as a share of <see cref="GreyImage.MaxLevel"/>, above 0 and at most 1.</param>
    public static GreyImage Apply(
        GreyImage image,
        double spatialSigma = DefaultSpatialSigma,
        double rangeSigma = DefaultRangeSigma,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (!(spatialSigma > 0 && spatialSigma <= MaxSpatialSigma))
            throw new ArgumentOutOfRangeException(nameof(spatialSigma), spatialSigma, $"Above 0 and at most {MaxSpatialSigma} pixels.");
        if (!(rangeSigma is > 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(rangeSigma), rangeSigma, "Above 0 and at most 1.");

        Window window = new(spatialSigma, rangeSigma * image.MaxLevel);
        using PaddedPlane<float> plane = new(image, window.Radius);
        ushort[] levels = new ushort[image.Levels.Length];
        RowBands.Run(image.Width, image.Height, (from, to) =>
        {
            int width = PaddedPlane<float>.VectorWidth(image.Width);
            float[] row = ArrayPool<float>.Shared.Rent(width);
            for (int y = from; y < to; y++)
            {
                window.FilterRow(plane, y, row.AsSpan(0, width));
                Levels.Round(row, levels.AsSpan(y * image.Width, image.Width), image.MaxLevel);
            }

            ArrayPool<float>.Shared.Return(row);
        }, cancellation);
        return image.With(levels);
    }

    private sealed class Window
    {
        private readonly float[] _spatial;
        private readonly float _range;

        public Window(double spatialSigma, double rangeSigma)
        {
            Radius = (int)Math.Ceiling(2 * spatialSigma);
            _range = (float)(-1 / (2 * rangeSigma * rangeSigma));
            int side = (2 * Radius) + 1;
            _spatial = new float[side * side];
            for (int i = 0; i < _spatial.Length; i++)
            {
                (int dx, int dy) = ((i % side) - Radius, (i / side) - Radius);
                _spatial[i] = (float)Math.Exp(-((dx * dx) + (dy * dy)) / (2 * spatialSigma * spatialSigma));
            }
        }

        public int Radius { get; }

        // Differences to the centre are summed rather than levels: their rounding is that of the change, not of the level.
        public void FilterRow(PaddedPlane<float> plane, int y, Span<float> result)
        {
            int side = (2 * Radius) + 1;
            ReadOnlySpan<float> centres = plane.Row(y)[Radius..];
            for (int x = 0; x < result.Length; x += Vector<float>.Count)
            {
                Vector<float> centre = new(centres[x..]);
                Vector<float> sum = Vector<float>.Zero, weights = Vector<float>.Zero;
                for (int dy = 0; dy < side; dy++)
                {
                    ReadOnlySpan<float> row = plane.Row(y + dy - Radius)[x..];
                    ReadOnlySpan<float> spatial = _spatial.AsSpan(dy * side, side);
                    for (int dx = 0; dx < spatial.Length; dx++)
                    {
                        Vector<float> difference = new Vector<float>(row[dx..]) - centre;
                        Vector<float> weight = spatial[dx] * Vector.Exp(difference * difference * _range);
                        sum += weight * difference;
                        weights += weight;
                    }
                }

                (centre + (sum / weights)).CopyTo(result[x..]);
            }
        }
    }
}
