namespace TumorFunctions.Core.Segmentation;

/// <summary>How models are loaded and run.</summary>
/// <param name="IntraOpThreads">Threads that share the work of one operator; 0 leaves it to the runtime: one a physical core.</param>
/// <param name="MaxBatch">Most slices of one run where a network takes any number.</param>
/// <param name="MaxFileBytes">Largest model file.</param>
/// <param name="MaxConcurrentRuns">Most batches that are prepared, run and read at the same time, of all models together; 0 is one a
/// processor, at least two. One run already has all cores for its large operators, so the second fills the gaps of the first and more
/// would only take turns; the others wait without a thread.</param>
/// <param name="UseCuda">Use a CUDA device where the build and the machine have one.</param>
/// <param name="TrustCards">
/// A file of the registry's own directory whose card names its SHA-256 is loaded without a trial in another process: right where
/// both come with the app.
/// </param>
/// <param name="MaxRunSeconds">A run of the network that takes longer is ended.</param>
public sealed record ModelRegistryOptions(
    int IntraOpThreads = 0, int MaxBatch = 8, long MaxFileBytes = 512L << 20, bool UseCuda = true, int MaxConcurrentRuns = 0,
    bool TrustCards = false, int MaxRunSeconds = 120);
