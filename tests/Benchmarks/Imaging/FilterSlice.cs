using BenchmarkDotNet.Attributes;
using TumorFunctions.Core.Imaging.Augmentation;
using TumorFunctions.Core.Imaging.Filters;

namespace TumorFunctions.Benchmarks.Imaging;

/// <summary>Every step of the workbench on one 512×512 slice.</summary>
[MemoryDiagnoser]
public class FilterSlice
{
    private GreyImage? _image;

    [Params(8, 16)]
    public int Bits { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        var max = (1 << Bits) - 1;
        _image = new GreyImage(
            [.. Enumerable.Range(0, 512 * 512).Select(i => (ushort)(max * (0.4 + (0.3 * Math.Sin(i % 512 * 0.05)) + (0.2 * random.NextDouble()))))],
            512,
            512,
            Bits);
    }

    [Benchmark]
    public GreyImage MinMax() => Normalization.MinMax(_image!);

    [Benchmark]
    public GreyImage ZScore() => Normalization.ZScore(_image!);

    [Benchmark]
    public GreyImage Gaussian() => GaussianFilter.Apply(_image!);

    [Benchmark]
    public GreyImage Bilateral() => BilateralFilter.Apply(_image!);

    [Benchmark]
    [Arguments(1)]
    [Arguments(2)]
    [Arguments(7)]
    public GreyImage Median(int radius) => MedianFilter.Apply(_image!, radius);

    [Benchmark]
    public GreyImage Equalise() => Clahe.Apply(_image!);

    [Benchmark]
    public GreyImage Augment() => new AffineSample(10, 0.05, 0.05, 1.1, true, true).Apply(_image!);
}
