using BenchmarkDotNet.Attributes;
using Microsoft.ML.OnnxRuntime;
using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Benchmarks.Segmentation;

/// <summary>
/// Time a slice: a bare loop over the session on all cores, against sixteen callers of the engine at the same time, each of whom gets
/// letterboxing, decoding and the mask at the source's resolution as well.
/// </summary>
[MemoryDiagnoser]
public class SixteenClients : IDisposable
{
    private const int Clients = 16;
    private const int Slices = 8 * Clients;

    private readonly GreySlice _slice = SyntheticSlice.Create(512);
    private readonly SegmentationOptions _options = new(Confidence: 0.05);
    private ModelRegistry? _registry;
    private OnnxSegmentationEngine? _engine;
    private InferenceSession? _session;
    private OrtValue? _input;
    private RunOptions? _run;

    [GlobalSetup]
    public void Setup()
    {
        var folder = BenchmarkModel.Folder();
        _registry = new ModelRegistry(folder);
        _engine = new OnnxSegmentationEngine(_registry);
        _session = new InferenceSession(Path.Combine(folder, BenchmarkModel.Name + ".onnx"));
        _input = BenchmarkModel.InputFor(_session);
        _run = new RunOptions();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Slices)]
    public void BareLoop()
    {
        for (var i = 0; i < Slices; i++)
        {
            using var outputs = _session!.Run(_run!, _session.InputNames, [_input!], _session.OutputNames);
        }
    }

    [Benchmark(OperationsPerInvoke = Slices)]
    public Task Engine() => Task.WhenAll(Enumerable.Range(0, Clients).Select(async _ =>
    {
        for (var i = 0; i < Slices / Clients; i++)
            await _engine!.SegmentAsync(BenchmarkModel.Name, [_slice], _options);
    }));

    [GlobalCleanup]
    public void Dispose()
    {
        _registry?.Dispose();
        _input?.Dispose();
        _run?.Dispose();
        _session?.Dispose();
        GC.SuppressFinalize(this);
    }
}
