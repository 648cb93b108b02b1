using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Reports;

/// <summary>How the grey levels of the tumour lie beside those of the rest of the tissue.</summary>
/// <param name="From">The darkest value counted, <paramref name="To"/> the brightest: the 0.5th and the 99.5th percentile of the image.</param>
/// <param name="Tumour">Percent of the tumour's voxels in each bin; values outside count in the first or last bin.</param>
/// <param name="Rest">The same for voxels outside the tumour that are not air.</param>
public sealed record IntensityHistogram(double From, double To, double[] Tumour, double[] Rest)
{
    public const int Bins = 48;

    /// <summary>
    /// Null where the image has one value only, or the tumour none that is a number. Air is below t = q₂ + 0.1 (q₉₈ − q₂) of the 2nd and
    /// 98th percentile (Smith, "Fast robust automated brain extraction", 2002).
    /// </summary>
    public static IntensityHistogram? Count(Volume volume, Mask mask)
    {
        var (from, to) = Quantiles.Find(volume.Voxels, 0.005, 0.995);
        if (!(to > from))
        {
            return null;
        }

        var (dark, bright) = Quantiles.Find(volume.Voxels, 0.02, 0.98);
        var air = dark + (0.1f * (bright - dark));
        var (tumour, rest) = (new double[Bins], new double[Bins]);
        for (var i = 0; i < volume.Voxels.Length; i++)
        {
            var value = volume.Voxels[i];
            if (!float.IsFinite(value) || (mask.Voxels[i] == 0 && value <= air))
            {
                continue;
            }

            var bin = (int)Math.Clamp(Bins * ((double)value - from) / ((double)to - from), 0, Bins - 1);
            (mask.Voxels[i] != 0 ? tumour : rest)[bin]++;
        }

        return tumour.Sum() > 0 ? new IntensityHistogram(from, to, Percent(tumour), Percent(rest)) : null;
    }

    private static double[] Percent(double[] counts)
    {
        var total = Math.Max(1, counts.Sum());
        return [.. counts.Select(count => 100 * count / total)];
    }
}
