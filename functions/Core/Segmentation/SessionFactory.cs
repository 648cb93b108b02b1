using Microsoft.ML.OnnxRuntime;

namespace TumorFunctions.Core.Segmentation;

/// <summary>Opens sessions with the options measured to be best, on the GPU where the runtime and the machine have one.</summary>
internal static class SessionFactory
{
    /// <summary>More threads than this do not make a network of this size faster.</summary>
    private const int MaxThreads = 4;

    private static int Threads => Math.Min(Environment.ProcessorCount, MaxThreads);

    /// <summary>Runs at a time that the cores can serve.</summary>
    public static int ConcurrentRuns => Math.Max(1, Environment.ProcessorCount / Threads);

    public static (InferenceSession Session, string Device) Open(string path)
    {
        if (OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider"))
        {
            try
            {
                using var cuda = Options();
                cuda.AppendExecutionProvider_CUDA();
                return (new InferenceSession(path, cuda), "cuda");
            }
            catch (OnnxRuntimeException)
            {
                // The GPU build without a GPU: the CPU serves.
            }
        }

        using var options = Options();
        return (new InferenceSession(path, options), "cpu");
    }

    private static SessionOptions Options() => new()
    {
        GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
        ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
        IntraOpNumThreads = Threads,
        InterOpNumThreads = 1,
        LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
    };
}
