using System.Buffers.Binary;
using BenchmarkDotNet.Attributes;
using Microsoft.ML.OnnxRuntime;
using TumorFunctions.Benchmarks.Segmentation;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Benchmarks.Api;

/// <summary>
/// POST /api/results/analyze over HTTP, for a 512×512 slice and for a volume of 24 slices of 256×256, against as many runs of the bare
/// session on all cores.
/// </summary>
public class AnalyseRequest : IDisposable
{
    private const int Depth = 24;
    private const int Side = 256;
    private const double Confidence = 0.05;

    private LocalApi? _api;
    private InferenceSession? _session;
    private OrtValue? _input;
    private RunOptions? _run;
    private int _slice;
    private int _volume;

    [GlobalSetup]
    public void Setup()
    {
        _session = new InferenceSession(Path.Combine(BenchmarkModel.Folder(), BenchmarkModel.Name + ".onnx"));
        _input = BenchmarkModel.InputFor(_session);
        _run = new RunOptions();
        _api = new LocalApi();

        var slice = SyntheticSlice.Create(512);
        using var png = new MemoryStream();
        PngWriter.Write(png, slice.Pixels.Span, slice.Width, slice.Height);
        _slice = _api.Upload(png.ToArray(), "slice.png");
        _volume = _api.Upload(Volume(), "volume.nii");
    }

    [Benchmark]
    public int BareRun()
    {
        using var outputs = _session!.Run(_run!, _session.InputNames, [_input!], _session.OutputNames);
        return outputs.Count;
    }

    [Benchmark]
    public int BareRuns24()
    {
        var count = 0;
        for (var i = 0; i < Depth; i++)
            count += BareRun();
        return count;
    }

    [Benchmark]
    public Task<long> Slice() => _api!.AnalyseAsync(_slice, Confidence);

    [Benchmark]
    public Task<long> Volume24() => _api!.AnalyseAsync(_volume, Confidence);

    [GlobalCleanup]
    public void Dispose()
    {
        _api?.Dispose();
        _input?.Dispose();
        _run?.Dispose();
        _session?.Dispose();
        GC.SuppressFinalize(this);
    }

    // NIfTI-1, little endian, 16 bit, 1 × 1 × 4 mm.
    private static byte[] Volume()
    {
        const int Header = 352;
        var slice = SyntheticSlice.Create(Side).Pixels.Span;
        var file = new byte[Header + (Side * Side * Depth * 2)];
        BinaryPrimitives.WriteInt32LittleEndian(file, 348);
        foreach (var (at, value) in new[] { (40, 3), (42, Side), (44, Side), (46, Depth), (48, 1), (70, 4), (72, 16) })
            BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(at), (short)value);
        foreach (var (at, value) in new[] { (76, 1f), (80, 1f), (84, 1f), (88, 4f), (108, Header), (112, 1f) })
            BinaryPrimitives.WriteSingleLittleEndian(file.AsSpan(at), value);
        file[123] = 2;
        "n+1\0"u8.CopyTo(file.AsSpan(344));
        for (var z = 0; z < Depth; z++)
        {
            for (var i = 0; i < slice.Length; i++)
                BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(Header + (2 * ((z * slice.Length) + i))), slice[i]);
        }

        return file;
    }
}
