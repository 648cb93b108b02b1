namespace TumorFunctions.Core.Radiomics;

/// <summary>Eigenvalues of symmetric 3×3 matrices by Jacobi rotations.</summary>
internal static class SymmetricEigenvalues
{
    /// <returns>The eigenvalues in descending order; tiny negative ones of a singular covariance matrix become 0.</returns>
    public static (double Major, double Minor, double Least) OfCovariance(
        double xx, double yy, double zz, double xy, double xz, double yz)
    {
        Span<double> a = [xx, xy, xz, xy, yy, yz, xz, yz, zz];
        for (var sweep = 0; sweep < 50; sweep++)
        {
            var off = (a[1] * a[1]) + (a[2] * a[2]) + (a[5] * a[5]);
            if (off == 0)
            {
                break;
            }

            Rotate(a, 0, 1);
            Rotate(a, 0, 2);
            Rotate(a, 1, 2);
        }

        Span<double> values = [Math.Max(0, a[0]), Math.Max(0, a[4]), Math.Max(0, a[8])];
        values.Sort();
        return (values[2], values[1], values[0]);
    }

    private static void Rotate(Span<double> a, int p, int q)
    {
        var apq = a[(3 * p) + q];
        if (apq == 0)
        {
            return;
        }

        var theta = (a[4 * q] - a[4 * p]) / (2 * apq);
        var t = 1 / (Math.Abs(theta) + Math.Sqrt((theta * theta) + 1));
        t = theta < 0 ? -t : t;
        var c = 1 / Math.Sqrt((t * t) + 1);
        var s = t * c;
        a[4 * p] -= t * apq;
        a[4 * q] += t * apq;
        a[(3 * p) + q] = a[(3 * q) + p] = 0;
        var r = 3 - p - q;
        var (arp, arq) = (a[(3 * r) + p], a[(3 * r) + q]);
        a[(3 * r) + p] = a[(3 * p) + r] = (c * arp) - (s * arq);
        a[(3 * r) + q] = a[(3 * q) + r] = (s * arp) + (c * arq);
    }
}
