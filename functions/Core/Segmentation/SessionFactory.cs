using Microsoft.ML.OnnxRuntime;

namespace TumorFunctions.Core.Segmentation;

/// <summary>Opens ONNX Runtime sessions on the best device there is.</summary>
internal static class SessionFactory
{
    public const string Cpu = "cpu";
    public const string Cuda = "cuda";

    private const string CudaProvider = "CUDAExecutionProvider";

    /// <exception cref="OnnxRuntimeException">The runtime refuses the model.</exception>
    public static (InferenceSession Session, string Device) Open(byte[] file, ModelRegistryOptions settings, ICollection<string> warnings)
    {
        if (settings.UseCuda && OrtEnv.Instance().GetAvailableProviders().Contains(CudaProvider))
        {
            // The package may have CUDA where the machine has no device or no driver: that must not end the service.
            try
            {
                using var cuda = Options(settings);
                cuda.AppendExecutionProvider_CUDA(0);
                return (new InferenceSession(file, cuda), Cuda);
            }
            catch (OnnxRuntimeException e)
            {
                warnings.Add($"CUDA cannot be used, the model runs on the CPU: {e.Message}");
            }
        }

        using var cpu = Options(settings);
        return (new InferenceSession(file, cpu), Cpu);
    }

    private static SessionOptions Options(ModelRegistryOptions settings)
    {
        var options = new SessionOptions
        {
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_ALL,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            EnableCpuMemArena = true,
            EnableMemoryPattern = true,
            IntraOpNumThreads = settings.IntraOpThreads,
            InterOpNumThreads = 1,

            // Refusals come back as exceptions; the runtime need not print them as well.
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        return options;
    }
}
