namespace TumorFunctions.Core.Surgery;

/// <summary>
/// Scores of a planned resection. There is no standard definition; this one is written down so that its terms can be judged, chosen by
/// plausibility and fitted to no outcome, and is not for clinical use.
/// <para>Terms, each 0 to 1: size v = V / (V + 30 cm³); depth d = D / (D + 30 mm); cover e = E / (E + 15 mm); resection r.</para>
/// <para>Difficulty = 100 (0.30 v + 0.30 d + 0.15 e + 0.25 r): rises with volume, depth, cover and resection.</para>
/// <para>Prognosis risk = 100 (0.35 v + 0.25 d + 0.10 e + 0.30 (1 − r)): rises with volume, depth and cover and falls with resection,
/// since what is left behind grows again.</para>
/// <para>Minutes = 90 + D/mm + 6 (r V/cm³)^(2/3), the last for the surface to be dissected; at most 720.</para>
/// </summary>
/// <param name="Difficulty">0 to 100.</param>
/// <param name="Risk">0 to 100.</param>
/// <param name="Minutes">90 to 720.</param>
public sealed record SurgicalScore(double Difficulty, double Risk, int Minutes)
{
    public const double MiddleFrom = 35;
    public const double HighFrom = 55;

    /// <param name="volume">V, of the whole tumour in mm³.</param>
    /// <param name="depth">D, from the head's surface to the tumour along the approach, mm.</param>
    /// <param name="cover">E, from the tumour to the brain's edge, mm.</param>
    /// <param name="resection">r, the removed share, 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A quantity is negative or no number, or r exceeds 1.</exception>
    public static SurgicalScore Of(double volume, double depth, double cover, double resection)
    {
        foreach ((double value, string name) in new[] { (volume, nameof(volume)), (depth, nameof(depth)), (cover, nameof(cover)), (resection, nameof(resection)) })
        {
            if (!(value >= 0 && double.IsFinite(value)) || (name == nameof(resection) && value > 1))
                throw new ArgumentOutOfRangeException(name, value, "Volume, depth and cover are not negative, resection lies between 0 and 1.");
        }

        double cubicCentimetres = volume / 1000;
        double v = cubicCentimetres / (cubicCentimetres + 30), d = depth / (depth + 30), e = cover / (cover + 15);
        double minutes = 90 + depth + (6 * Math.Cbrt(Math.Pow(resection * cubicCentimetres, 2)));
        return new SurgicalScore(
            100 * ((0.30 * v) + (0.30 * d) + (0.15 * e) + (0.25 * resection)),
            100 * ((0.35 * v) + (0.25 * d) + (0.10 * e) + (0.30 * (1 - resection))),
            (int)Math.Round(Math.Min(minutes, 720)));
    }

    /// <summary>低 below <see cref="MiddleFrom"/>, 高 from <see cref="HighFrom"/> on.</summary>
    public static string LevelOf(double score) => score >= HighFrom ? "高" : score >= MiddleFrom ? "中" : "低";
}
