using BenchmarkDotNet.Attributes;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Radiomics;

namespace TumorFunctions.Benchmarks.Radiomics;

/// <summary>All features of a region: a tumour in one slice, one of 4137 voxels in a box of 47×70×7, and a full cube of 128³.</summary>
[MemoryDiagnoser]
public class ExtractRegion
{
    private static readonly VoxelSpacing Spacing = new(0.78125, 0.78125, 6.5);

    private Volume? _volume;
    private Mask? _mask;

    [Params("slice", "tumour", "cube")]
    public string Region { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        var (width, height, depth, voxels) = Region switch
        {
            "slice" => (512, 512, 1, 3000),
            "tumour" => (256, 256, 25, 4137),
            _ => (128, 128, 128, 128 * 128 * 128),
        };
        var (sideX, sideY, sideZ) = Region switch
        {
            "slice" => (66.0, 66.0, 1.0),
            "tumour" => (47.0, 70.0, 7.0),
            _ => (128.0, 128.0, 128.0),
        };
        var random = new Random(1);
        var values = new float[width * height * depth];
        var nearness = new double[values.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var (x, y, z) = (i % width, i / width % height, i / width / height);
            values[i] = (float)(600 + (250 * Math.Sin(0.1 * x) * Math.Cos((0.08 * y) + z)) + (random.NextDouble() * 250));
            nearness[i] = Squared(x, width, sideX) + Squared(y, height, sideY) + Squared(z, depth, sideZ);
        }

        // The voxels nearest to the centre, in units of the box: an ellipsoid of exactly as many voxels as are wanted.
        var mask = new byte[values.Length];
        foreach (var i in Enumerable.Range(0, values.Length).OrderBy(i => nearness[i]).Take(voxels))
        {
            mask[i] = 1;
        }

        _volume = new Volume(values, width, height, depth) { Format = ImageFormat.Unknown, BitsPerSample = 16 };
        _mask = new Mask(mask, width, height, depth);
    }

    [Benchmark]
    public RadiomicsResult Extract() => RadiomicsExtractor.Extract(_volume!, _mask!, Spacing);

    private static double Squared(int at, int size, double side) => Math.Pow((at - ((size - 1) / 2.0)) / side, 2);
}
