namespace TumorFunctions.Core.Radiomics;

/// <summary>Variances in mm² of the voxel centres of a region along its principal axes.</summary>
internal readonly record struct PrincipalAxes(double Major, double Minor, double Least)
{
    /// <param name="sample">
    /// Divide by N − 1, as the reference values of IBSI-1 need it, and not by N, as PyRadiomics does. NaN for a single voxel.
    /// </param>
    public static PrincipalAxes Of(Region region, bool sample)
    {
        long sx = 0, sy = 0, sz = 0, xx = 0, yy = 0, zz = 0, xy = 0, xz = 0, yz = 0;
        foreach (var (x, y, z, length) in region.Runs)
        {
            long n = length, m = length - 1;
            // Σ k = m n/2 and Σ k² = m n (2m + 1)/6 for k = 0 … m.
            var sum = (n * x) + (m * n / 2);
            sx += sum;
            xx += (n * x * x) + (x * m * n) + (m * n * ((2 * m) + 1) / 6);
            sy += n * y;
            sz += n * z;
            yy += n * y * y;
            zz += n * z * z;
            xy += sum * y;
            xz += sum * z;
            yz += n * y * z;
        }

        var s = region.Spacing;
        var eigenvalues = SymmetricEigenvalues.OfCovariance(
            Covariance(xx, sx, sx) * s.X * s.X,
            Covariance(yy, sy, sy) * s.Y * s.Y,
            Covariance(zz, sz, sz) * s.Z * s.Z,
            Covariance(xy, sx, sy) * s.X * s.Y,
            Covariance(xz, sx, sz) * s.X * s.Z,
            Covariance(yz, sy, sz) * s.Y * s.Z);
        return new PrincipalAxes(eigenvalues.Major, eigenvalues.Minor, eigenvalues.Least);

        // In whole numbers up to the last step, so that a flat region has a variance of exactly 0.
        double Covariance(long products, long sumA, long sumB)
        {
            var n = (Int128)region.VoxelCount;
            return (double)((n * products) - ((Int128)sumA * sumB)) / ((double)n * (double)(sample ? n - 1 : n));
        }
    }
}
