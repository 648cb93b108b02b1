namespace TumorFunctions.Core.Imaging.Filters;

/// <summary>Shares the rows of a picture among the cores.</summary>
internal static class RowBands
{
    // Below this a core has finished before another one has started.
    private const int MinPixels = 16_384;

    /// <summary>Calls <paramref name="work"/>(first row, row after the last) for bands that together are all rows.</summary>
    /// <param name="minRows">A band has at least so many rows, where starting one costs some rows' work.</param>
    public static void Run(int width, int height, Action<int, int> work, CancellationToken cancellation, int minRows = 1)
    {
        cancellation.ThrowIfCancellationRequested();
        int rows = Math.Max(minRows, (MinPixels / width) + 1);
        int bands = Math.Clamp(height / rows, 1, 4 * Environment.ProcessorCount);
        if (bands == 1)
        {
            work(0, height);
            return;
        }

        Parallel.For(
            0,
            bands,
            new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount },
            band => work((int)((long)height * band / bands), (int)((long)height * (band + 1) / bands)));
    }
}
