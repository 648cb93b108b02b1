using System.Runtime.CompilerServices;

namespace TumorFunctions.Core.Radiomics;

/// <summary>
/// Eigenvalues of a symmetric tridiagonal matrix by the implicit QL method (Bowdler, Martin, Reinsch, Wilkinson 1968).
/// </summary>
internal static class TridiagonalEigenvalues
{
    private const int MaxSweeps = 60;

    /// <param name="d">The diagonal; receives the eigenvalues in no particular order.</param>
    /// <param name="e">e[i] couples i − 1 and i; e[0] is not used. Destroyed.</param>
    public static void Solve(Span<double> d, Span<double> e)
    {
        var n = d.Length;
        e[1..].CopyTo(e);
        e[n - 1] = 0;
        for (var l = 0; l < n; l++)
        {
            for (var sweep = 0; sweep < MaxSweeps; sweep++)
            {
                var m = l;
                while (m < n - 1 && Math.Abs(e[m]) > Math.Max(double.Epsilon, 1e-16 * (Math.Abs(d[m]) + Math.Abs(d[m + 1]))))
                {
                    m++;
                }

                if (m == l)
                {
                    break;
                }

                Sweep(d, e, l, m);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sweep(Span<double> d, Span<double> e, int l, int m)
    {
        var g = (d[l + 1] - d[l]) / (2 * e[l]);
        var r = Hypotenuse(g, 1);
        g = d[m] - d[l] + (e[l] / (g + Math.CopySign(r, g)));
        double s = 1, c = 1, p = 0;
        for (var i = m - 1; i >= l; i--)
        {
            var f = s * e[i];
            var b = c * e[i];
            r = Hypotenuse(f, g);
            e[i + 1] = r;
            if (r == 0)
            {
                d[i + 1] -= p;
                e[m] = 0;
                return;
            }

            s = f / r;
            c = g / r;
            g = d[i + 1] - p;
            r = ((d[i] - g) * s) + (2 * c * b);
            p = s * r;
            d[i + 1] = g + p;
            g = (c * r) - b;
        }

        d[l] -= p;
        e[l] = g;
        e[m] = 0;
    }

    /// <summary>All entries are of the order of 1, so that squares neither overflow nor vanish to harm.</summary>
    private static double Hypotenuse(double a, double b) => Math.Sqrt((a * a) + (b * b));
}
