using System.Buffers;

namespace TumorFunctions.Core.Radiomics;

/// <summary>
/// Features of the symmetric grey-level co-occurrence matrix (Haralick 1973; formulas of PyRadiomics' glcm documentation and
/// IBSI-1 section 3.6). Since the matrix is symmetric, its marginals are equal, and most features follow from the marginal and
/// from the distributions of i + j and |i − j| alone.
/// </summary>
internal static class CooccurrenceFeatures
{
    public static readonly FeatureDefinition[] Definitions =
    [
        new("glcm_Autocorrelation", "cm_auto_corr"),
        new("glcm_JointAverage", "cm_joint_avg"),
        new("glcm_ClusterProminence", "cm_clust_prom"),
        new("glcm_ClusterShade", "cm_clust_shade"),
        new("glcm_ClusterTendency", "cm_clust_tend"),
        new("glcm_Contrast", "cm_contrast"),
        new("glcm_Correlation", "cm_corr"),
        new("glcm_DifferenceAverage", "cm_diff_avg"),
        new("glcm_DifferenceEntropy", "cm_diff_entr"),
        new("glcm_DifferenceVariance", "cm_diff_var"),
        new("glcm_JointEnergy", "cm_energy"),
        new("glcm_JointEntropy", "cm_joint_entr"),
        new("glcm_Imc1", "cm_info_corr1"),
        new("glcm_Imc2", "cm_info_corr2"),
        new("glcm_Idm", "cm_inv_diff_mom"),
        new("glcm_MCC", null),
        new("glcm_Idmn", "cm_inv_diff_mom_norm"),
        new("glcm_Id", "cm_inv_diff"),
        new("glcm_Idn", "cm_inv_diff_norm"),
        new("glcm_InverseVariance", "cm_inv_var"),
        new("glcm_MaximumProbability", "cm_joint_max"),
        new("glcm_SumAverage", "cm_sum_avg"),
        new("glcm_SumEntropy", "cm_sum_entr"),
        new("glcm_SumSquares", "cm_joint_var"),
        new(null, "cm_sum_var"),
        new(null, "cm_dissimilarity"),
    ];

    /// <param name="pairs">Unordered pairs as in <see cref="DirectionScan.Pairs"/>; not empty.</param>
    /// <param name="highest">The highest level of the region, N<sub>g</sub>.</param>
    /// <param name="levelsPresent">Number of levels that the region has.</param>
    /// <param name="features">Receives a value for each of <see cref="Definitions"/>.</param>
    public static void Compute(ReadOnlySpan<MatrixCell> pairs, int highest, int levelsPresent, Span<double> features)
    {
        var buffer = ArrayPool<long>.Shared.Rent((4 * highest) + 3);
        try
        {
            var counts = buffer.AsSpan(0, (4 * highest) + 3);
            counts.Clear();
            var marginal = counts[..(highest + 1)];
            var differences = counts.Slice(highest + 1, highest + 1);
            var sums = counts[(2 * (highest + 1))..];
            var joint = Accumulate(pairs, marginal, differences, sums);
            var (mean, variance) = FromMarginal(joint, marginal, levelsPresent, features);
            FromDifferences(joint, differences, mean, variance, features);
            FromSums(joint, sums, mean, features);
            features[15] = MaximalCorrelation.Of(pairs, marginal, levelsPresent);
        }
        finally
        {
            ArrayPool<long>.Shared.Return(buffer);
        }
    }

    /// <summary>Fills the distributions with the counts of the whole symmetric matrix.</summary>
    private static Joint Accumulate(ReadOnlySpan<MatrixCell> pairs, Span<long> marginal, Span<long> differences, Span<long> sums)
    {
        long total = 0, largest = 0;
        double squares = 0, terms = 0;
        foreach (var (i, j, n) in pairs)
        {
            if (i == j)
            {
                var diagonal = 2 * n;
                total += diagonal;
                marginal[i] += diagonal;
                differences[0] += diagonal;
                sums[2 * i] += diagonal;
                squares += (double)diagonal * diagonal;
                terms += Entropy.Term(diagonal);
                largest = Math.Max(largest, diagonal);
            }
            else
            {
                total += 2 * n;
                marginal[i] += n;
                marginal[j] += n;
                differences[j - i] += 2 * n;
                sums[i + j] += 2 * n;
                squares += 2 * (double)n * n;
                terms += 2 * Entropy.Term(n);
                largest = Math.Max(largest, n);
            }
        }

        double all = total;
        return new Joint(all, squares / (all * all), largest / all, Entropy.FromTerms(terms, all));
    }

    private static (double Mean, double Variance) FromMarginal(
        Joint joint, ReadOnlySpan<long> marginal, int levelsPresent, Span<double> features)
    {
        double weighted = 0, terms = 0;
        for (var i = 1; i < marginal.Length; i++)
        {
            weighted += (double)i * marginal[i];
            terms += Entropy.Term(marginal[i]);
        }

        var mean = weighted / joint.Total;
        var variance = 0.0;
        for (var i = 1; i < marginal.Length; i++)
        {
            variance += (i - mean) * (i - mean) * marginal[i];
        }

        variance /= joint.Total;
        var entropy = Entropy.FromTerms(terms, joint.Total);
        // HXY1 = HXY2 = HX + HY, since Σ p(i,j) log(p(i) p(j)) splits into the marginals.
        var mutual = Math.Max(0, (2 * entropy) - joint.Entropy);
        features[1] = mean;
        features[10] = joint.Energy;
        features[11] = joint.Entropy;
        features[12] = entropy > 0 && levelsPresent > 1 ? -mutual / entropy : 0;
        features[13] = Math.Sqrt(1 - Math.Exp(-2 * mutual));
        features[20] = joint.Largest;
        features[23] = variance;
        return (mean, variance);
    }

    private static void FromDifferences(
        Joint joint, ReadOnlySpan<long> differences, double mean, double variance, Span<double> features)
    {
        double average = 0, contrast = 0, idm = 0, idmn = 0, id = 0, idn = 0, inverseVariance = 0, terms = 0;
        double levels = differences.Length - 1;
        for (var k = 0; k < differences.Length; k++)
        {
            if (differences[k] == 0)
            {
                continue;
            }

            double n = differences[k];
            var square = (double)k * k;
            average += k * n;
            contrast += square * n;
            id += n / (1 + k);
            idn += n / (1 + (k / levels));
            idm += n / (1 + square);
            idmn += n / (1 + (square / (levels * levels)));
            inverseVariance += k == 0 ? 0 : n / square;
            terms += Entropy.Term(differences[k]);
        }

        average /= joint.Total;
        contrast /= joint.Total;
        var spread = 0.0;
        for (var k = 0; k < differences.Length; k++)
        {
            spread += (k - average) * (k - average) * differences[k];
        }

        // E[(i − j)²] = 2 var − 2 cov, and E[ij] = cov + mean².
        var covariance = variance - (contrast / 2);
        features[0] = covariance + (mean * mean);
        features[5] = contrast;
        features[6] = variance > 0 ? covariance / variance : 1;
        features[7] = features[25] = average;
        features[8] = Entropy.FromTerms(terms, joint.Total);
        features[9] = spread / joint.Total;
        features[14] = idm / joint.Total;
        features[16] = idmn / joint.Total;
        features[17] = id / joint.Total;
        features[18] = idn / joint.Total;
        features[19] = inverseVariance / joint.Total;
    }

    private static void FromSums(Joint joint, ReadOnlySpan<long> sums, double mean, Span<double> features)
    {
        double second = 0, third = 0, fourth = 0, terms = 0;
        for (var k = 2; k < sums.Length; k++)
        {
            if (sums[k] == 0)
            {
                continue;
            }

            var deviation = k - (2 * mean);
            var square = deviation * deviation;
            second += square * sums[k];
            third += square * deviation * sums[k];
            fourth += square * square * sums[k];
            terms += Entropy.Term(sums[k]);
        }

        features[2] = fourth / joint.Total;
        features[3] = third / joint.Total;
        features[4] = features[24] = second / joint.Total;
        features[21] = 2 * mean;
        features[22] = Entropy.FromTerms(terms, joint.Total);
    }

    /// <summary>What needs the elements of the matrix themselves.</summary>
    private readonly record struct Joint(double Total, double Energy, double Largest, double Entropy);
}
