namespace TumorFunctions.Core.Radiomics;

/// <summary>Entropies from counts: H = log₂ T − (Σ n log₂ n)/T with T = Σ n, so that no probability is ever formed.</summary>
internal static class Entropy
{
    private static readonly double[] Table = BuildTable();

    /// <summary>n log₂ n, and 0 for n = 0.</summary>
    public static double Term(long n) => (ulong)n < (ulong)Table.Length ? Table[n] : n * Math.Log2(n);

    /// <param name="terms">Σ n log₂ n.</param>
    /// <param name="total">Σ n, above 0.</param>
    public static double FromTerms(double terms, double total) => Math.Max(0, Math.Log2(total) - (terms / total));

    private static double[] BuildTable()
    {
        var table = new double[4096];
        for (var n = 1; n < table.Length; n++)
        {
            table[n] = n * Math.Log2(n);
        }

        return table;
    }
}
