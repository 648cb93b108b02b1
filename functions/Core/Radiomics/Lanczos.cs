namespace TumorFunctions.Core.Radiomics;

/// <summary>
/// Lanczos iteration with full reorthogonalisation (Golub and Van Loan, 10.1 and 10.3.1), for the largest |eigenvalue| of a
/// symmetric operator outside a known eigenvector.
/// </summary>
internal static class Lanczos
{
    private const int MaxSteps = 300;
    private const double Tolerance = 1e-13;

    /// <param name="apply">Writes the operator's image of its first argument into the second.</param>
    /// <param name="known">The eigenvector to stay orthogonal to, of any length above 0.</param>
    public static double LargestMagnitude(Action<double[], double[]> apply, double[] known)
    {
        var side = known.Length;
        var basis = new List<double[]> { Normalised(known) };
        var random = new Random(1);
        var q = new double[side];
        for (var i = 0; i < side; i++)
        {
            q[i] = random.NextDouble() - 0.5;
        }

        Orthogonalise(q, basis);
        q = Normalised(q);
        var (alphas, betas) = (new List<double>(), new List<double> { 0 });
        var estimate = 0.0;
        for (var step = 0; step < Math.Min(MaxSteps, side - 1); step++)
        {
            var image = new double[side];
            apply(q, image);
            alphas.Add(MaximalCorrelation.Dot(image, q));
            basis.Add(q);
            Orthogonalise(image, basis);
            var beta = Math.Sqrt(MaximalCorrelation.Dot(image, image));
            var previous = estimate;
            if (step % 4 == 3 || beta < Tolerance || step == side - 2)
            {
                estimate = Largest(alphas, betas);
                if (beta < Tolerance || Math.Abs(estimate - previous) < Tolerance)
                {
                    return estimate;
                }
            }

            betas.Add(beta);
            q = Normalised(image);
        }

        return Largest(alphas, betas);
    }

    private static double Largest(List<double> alphas, List<double> betas)
    {
        double[] d = [.. alphas];
        double[] e = [.. betas[..alphas.Count]];
        TridiagonalEigenvalues.Solve(d, e);
        return d.Max(Math.Abs);
    }

    /// <summary>Twice, since once leaves a remainder where much cancels.</summary>
    private static void Orthogonalise(double[] vector, List<double[]> basis)
    {
        for (var pass = 0; pass < 2; pass++)
        {
            foreach (var b in basis)
            {
                var projection = MaximalCorrelation.Dot(vector, b);
                for (var i = 0; i < vector.Length; i++)
                {
                    vector[i] -= projection * b[i];
                }
            }
        }
    }

    private static double[] Normalised(double[] vector)
    {
        var norm = Math.Sqrt(MaximalCorrelation.Dot(vector, vector));
        return Array.ConvertAll(vector, v => v / norm);
    }
}
