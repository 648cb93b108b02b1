using BenchmarkDotNet.Attributes;
using Microsoft.ML.OnnxRuntime;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Radiomics;
using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Benchmarks.Segmentation;

/// <summary>
/// One 512×512 slice: the network alone, the way from grey levels to measurements, and the way from the bytes of a PNG to the mask's
/// PNG with all features.
/// </summary>
[MemoryDiagnoser]
public class AnalyseSlice : IDisposable
{
    private readonly GreySlice _slice = SyntheticSlice.Create(512);
    private readonly SegmentationOptions _options = new(Confidence: 0.05);
    private readonly MemoryStream _png = new();
    private ModelRegistry? _registry;
    private OnnxSegmentationEngine? _engine;
    private InferenceSession? _session;
    private OrtValue? _input;
    private RunOptions? _run;

    [GlobalSetup]
    public void Setup()
    {
        PngWriter.Write(_png, _slice.Pixels.Span, _slice.Width, _slice.Height);
        var folder = BenchmarkModel.Folder();
        _registry = new ModelRegistry(folder);
        _engine = new OnnxSegmentationEngine(_registry);
        var found = _engine.SegmentAsync(BenchmarkModel.Name, [_slice], _options).GetAwaiter().GetResult()[0];
        Console.WriteLine($"// {folder}: {found.Detections.Count} findings, {found.Mask.Voxels.AsSpan().Count((byte)1)} pixels");

        _session = new InferenceSession(Path.Combine(folder, BenchmarkModel.Name + ".onnx"));
        _input = BenchmarkModel.InputFor(_session);
        _run = new RunOptions();
    }

    [Benchmark(Baseline = true)]
    public int BareRun()
    {
        using var outputs = _session!.Run(_run!, _session.InputNames, [_input!], _session.OutputNames);
        return outputs.Count;
    }

    [Benchmark]
    public async Task<double> Engine()
    {
        var found = await _engine!.SegmentAsync(BenchmarkModel.Name, [_slice], _options);
        return MaskMeasurements.Measure(found[0].Mask, (0.5, 0.5)).MaxDiameterMm;
    }

    [Benchmark]
    public async Task<long> File()
    {
        var volume = ImageReader.Read(_png);
        var pixels = new byte[volume.Voxels.Length];
        Greyscale.Apply(volume.Voxels, Greyscale.ChooseWindow(volume), pixels);
        var slice = new GreySlice(pixels, volume.Width, volume.Height);
        var mask = (await _engine!.SegmentAsync(BenchmarkModel.Name, [slice], _options))[0].Mask;
        var measured = MaskMeasurements.Measure(mask, (0.5, 0.5));
        var radiomics = RadiomicsExtractor.Extract(volume, mask, new VoxelSpacing(0.5, 0.5, 1));
        using var answer = new MemoryStream();
        PngWriter.Write(answer, mask.Voxels, mask.Width, mask.Height);
        return answer.Length + measured.VoxelCount + radiomics.Features.Count;
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _registry?.Dispose();
        _input?.Dispose();
        _run?.Dispose();
        _session?.Dispose();
        _png.Dispose();
        GC.SuppressFinalize(this);
    }
}
