namespace TumorFunctions.Core.Learning;

/// <summary>Standardisation to mean 0 and standard deviation 1, fitted on training cases only.</summary>
public sealed record FeatureScaler(double[] Means, double[] Deviations)
{
    /// <summary>Beyond this many deviations a value says no more, and would only carry a linear model away.</summary>
    private const double Limit = 10;

    public static FeatureScaler Fit(IReadOnlyList<float[]> rows)
    {
        var means = new double[rows[0].Length];
        var deviations = new double[means.Length];
        for (var column = 0; column < means.Length; column++)
        {
            var mean = rows.Average(row => (double)row[column]);
            var deviation = Math.Sqrt(rows.Average(row => Math.Pow(row[column] - mean, 2)));
            means[column] = mean;
            deviations[column] = deviation;
        }

        return new FeatureScaler(means, deviations);
    }

    /// <summary>A feature that did not vary in training becomes 0.</summary>
    public float[] Apply(float[] row)
    {
        var scaled = new float[row.Length];
        for (var i = 0; i < row.Length; i++)
        {
            scaled[i] = Deviations[i] > 0
                ? (float)Math.Clamp((row[i] - Means[i]) / Deviations[i], -Limit, Limit)
                : 0;
        }

        return scaled;
    }
}
