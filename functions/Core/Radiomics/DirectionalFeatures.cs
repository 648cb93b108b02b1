namespace TumorFunctions.Core.Radiomics;

/// <summary>GLCM and GLRLM of all directions, as one set of features each.</summary>
internal static class DirectionalFeatures
{
    /// <returns>Null in place of a set where no direction has a pair, or a line with two voxels.</returns>
    public static (double[]? Cooccurrence, double[]? RunLength) Compute(
        LevelGrid grid, TextureAggregation aggregation, bool parallel, CancellationToken cancellation)
    {
        var directions = grid.Directions();
        var levelsPresent = grid.Histogram.Count(n => n > 0);
        var parts = new (double[]? Pairs, double[]? Runs)[directions.Count];
        var scans = new DirectionScan?[directions.Count];
        if (parallel)
        {
            Parallel.For(0, directions.Count, new ParallelOptions { CancellationToken = cancellation }, Take);
        }
        else
        {
            for (var d = 0; d < directions.Count; d++)
            {
                cancellation.ThrowIfCancellationRequested();
                Take(d);
            }
        }

        if (aggregation == TextureAggregation.Averaged)
        {
            return (Mean(parts.Select(p => p.Pairs)), Mean(parts.Select(p => p.Runs)));
        }

        using var pairs = SparseMatrix.Merge(scans.Select(s => s!.Pairs));
        using var runs = SparseMatrix.Merge(scans.Select(s => s!.Runs));
        Array.ForEach(scans, s => s!.Dispose());
        return (Cooccurrence(pairs), RunLength(runs));

        void Take(int d)
        {
            var scan = DirectionScan.Along(directions[d], grid);
            if (aggregation == TextureAggregation.Merged)
            {
                scans[d] = scan;
                return;
            }

            parts[d] = (Cooccurrence(scan.Pairs), RunLength(scan.Runs));
            scan.Dispose();
        }

        double[]? Cooccurrence(SparseMatrix matrix)
        {
            if (matrix.Cells.IsEmpty)
            {
                return null;
            }

            var features = new double[CooccurrenceFeatures.Definitions.Length];
            CooccurrenceFeatures.Compute(matrix.Cells, grid.Highest, levelsPresent, features);
            return features;
        }
    }

    private static double[]? RunLength(SparseMatrix matrix)
    {
        if (matrix.Cells.IsEmpty)
        {
            return null;
        }

        var features = new double[RunLengthFeatures.Definitions.Length];
        RunLengthFeatures.Compute(matrix.Cells, features);
        return features;
    }

    /// <summary>The mean over the directions that have anything, in their fixed order whichever core took them.</summary>
    private static double[]? Mean(IEnumerable<double[]?> parts)
    {
        double[]? mean = null;
        var count = 0;
        foreach (var part in parts)
        {
            if (part is null)
            {
                continue;
            }

            count++;
            mean ??= new double[part.Length];
            for (var f = 0; f < part.Length; f++)
            {
                mean[f] += part[f];
            }
        }

        return mean is null ? null : Array.ConvertAll(mean, sum => sum / count);
    }
}
