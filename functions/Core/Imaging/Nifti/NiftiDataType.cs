using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace TumorFunctions.Core.Imaging.Nifti;

/// <summary>A NIfTI data type: its width and how its bytes become numbers.</summary>
internal sealed class NiftiDataType
{
    private delegate double Reader(ReadOnlySpan<byte> bytes);

    private static readonly Dictionary<int, string> Refused = new()
    {
        [1] = "single bits",
        [32] = "complex numbers",
        [1536] = "floats of 128 bits",
        [1792] = "complex numbers of 128 bits",
        [2048] = "complex numbers of 256 bits",
    };

    private readonly int _code;
    private readonly Reader _little;
    private readonly Reader _big;

    private NiftiDataType(int code, int bytes, Reader little, Reader big)
    {
        _code = code;
        Bytes = bytes;
        _little = little;
        _big = big;
    }

    /// <summary>Bytes a voxel.</summary>
    public int Bytes { get; }

    /// <summary>Bits a sample: a third or a quarter of a coloured voxel's.</summary>
    public int Bits => _code is 128 or 2304 ? 8 : 8 * Bytes;

    public static NiftiDataType Of(int code) => code switch
    {
        2 => new(code, 1, b => b[0], b => b[0]),
        4 => new(code, 2, b => BinaryPrimitives.ReadInt16LittleEndian(b), b => BinaryPrimitives.ReadInt16BigEndian(b)),
        8 => new(code, 4, b => BinaryPrimitives.ReadInt32LittleEndian(b), b => BinaryPrimitives.ReadInt32BigEndian(b)),
        16 => new(code, 4, b => BinaryPrimitives.ReadSingleLittleEndian(b), b => BinaryPrimitives.ReadSingleBigEndian(b)),
        64 => new(code, 8, BinaryPrimitives.ReadDoubleLittleEndian, BinaryPrimitives.ReadDoubleBigEndian),
        128 => new(code, 3, Luma, Luma),
        256 => new(code, 1, b => (sbyte)b[0], b => (sbyte)b[0]),
        512 => new(code, 2, b => BinaryPrimitives.ReadUInt16LittleEndian(b), b => BinaryPrimitives.ReadUInt16BigEndian(b)),
        768 => new(code, 4, b => BinaryPrimitives.ReadUInt32LittleEndian(b), b => BinaryPrimitives.ReadUInt32BigEndian(b)),
        1024 => new(code, 8, b => BinaryPrimitives.ReadInt64LittleEndian(b), b => BinaryPrimitives.ReadInt64BigEndian(b)),
        1280 => new(code, 8, b => BinaryPrimitives.ReadUInt64LittleEndian(b), b => BinaryPrimitives.ReadUInt64BigEndian(b)),
        2304 => new(code, 4, Luma, Luma),
        _ => throw Refusal.Unsupported(
            $"The NIfTI holds {(Refused.TryGetValue(code, out string? name) ? name : $"data of type {code}")}; integers, floats and RGB are read."),
    };

    /// <summary>Each voxel as value · slope + intercept.</summary>
    public void ToFloats(ReadOnlySpan<byte> source, bool bigEndian, double slope, double intercept, Span<float> destination)
    {
        bool isPlain = slope == 1 && intercept == 0;
        if (_code == 2 && isPlain)
        {
            Samples.Widen(source, destination);
        }
        else if (_code == 512 && isPlain)
        {
            Samples.Widen16(source, destination, bigEndian);
        }
        else if (_code == 16 && isPlain && bigEndian != BitConverter.IsLittleEndian)
        {
            MemoryMarshal.Cast<byte, float>(source).CopyTo(destination);
        }
        else if (_code == 4 && bigEndian != BitConverter.IsLittleEndian)
        {
            // The usual type of scans.
            ReadOnlySpan<short> samples = MemoryMarshal.Cast<byte, short>(source);
            for (int i = 0; i < destination.Length; i++)
                destination[i] = (float)((samples[i] * slope) + intercept);
        }
        else
        {
            Reader read = bigEndian ? _big : _little;
            for (int i = 0; i < destination.Length; i++)
                destination[i] = (float)((read(source[(i * Bytes)..]) * slope) + intercept);
        }
    }

    private static double Luma(ReadOnlySpan<byte> bytes) => Samples.Luma(bytes[0], bytes[1], bytes[2]);
}
