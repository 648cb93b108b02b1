using BenchmarkDotNet.Attributes;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Surgery;

namespace TumorFunctions.Benchmarks.Surgery;

/// <summary>A mask of 256³ voxels to the last byte of its OBJ, texture included.</summary>
[MemoryDiagnoser]
public class MeshMask
{
    private const int Side = 256;

    private static readonly VoxelSpacing Spacing = new(0.7, 0.7, 1);

    private Volume? _volume;
    private Mask? _mask;

    /// <summary>Of the ball, in voxels; 32 is a large tumour, 100 most of a brain.</summary>
    [Params(32, 100)]
    public int Radius { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _mask = Mask.Empty(Side, Side, Side);
        var values = new float[_mask.Voxels.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var (x, y, z) = ((i % Side) - 128, (i / Side % Side) - 128, (i / Side / Side) - 128);
            values[i] = (x & 63) + (y & 31);
            _mask.Voxels[i] = (byte)((x * x) + (y * y) + (z * z) <= Radius * Radius ? 1 : 0);
        }

        _volume = new Volume(values, Side, Side, Side) { Format = ImageFormat.Nifti, BitsPerSample = 16 };
    }

    [Benchmark]
    public int Surface() => TumourSurface.Build(_mask!, Spacing).TriangleCount;

    [Benchmark]
    public void ToObj() =>
        ObjWriter.Write(Stream.Null, TumourSurface.Build(_mask!, Spacing), SurfaceTexture.Create(_volume!, _mask!, Spacing), []);
}
