using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TumorFunctions.Core.Imaging;

/// <summary>Conversion of stored samples to floats.</summary>
internal static class Samples
{
    /// <summary>Each byte as a float; both spans have the same length.</summary>
    public static void Widen(ReadOnlySpan<byte> source, Span<float> destination)
    {
        int i = 0;
        for (; i <= source.Length - 16; i += 16)
        {
            (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.Create(source[i..]));
            Store(low, destination[i..]);
            Store(high, destination[(i + 8)..]);
        }

        for (; i < source.Length; i++)
            destination[i] = source[i];
    }

    /// <summary>Each sample as a float; both spans have the same length.</summary>
    public static void Widen(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        int i = 0;
        for (; i <= source.Length - 8; i += 8)
            Store(Vector128.Create(source[i..]), destination[i..]);

        for (; i < source.Length; i++)
            destination[i] = source[i];
    }

    /// <summary>Each 16-bit sample as a float.</summary>
    /// <param name="source">Two bytes a sample.</param>
    /// <param name="destination">One float a sample.</param>
    /// <param name="bigEndian">Byte order of the samples.</param>
    public static void Widen16(ReadOnlySpan<byte> source, Span<float> destination, bool bigEndian)
    {
        ReadOnlySpan<ushort> samples = MemoryMarshal.Cast<byte, ushort>(source);
        bool swap = bigEndian == BitConverter.IsLittleEndian;
        int i = 0;
        for (; i <= samples.Length - 8; i += 8)
        {
            Vector128<ushort> v = Vector128.Create(samples[i..]);
            Store(swap ? Vector128.ShiftLeft(v, 8) | Vector128.ShiftRightLogical(v, 8) : v, destination[i..]);
        }

        for (; i < samples.Length; i++)
            destination[i] = swap ? BinaryPrimitives.ReverseEndianness(samples[i]) : samples[i];
    }

    /// <summary>
    /// Rec. 601 luma of interleaved 8-bit colour, unrounded.
    /// </summary>
    /// <param name="source">Samples of <paramref name="channels"/> channels a pixel, the first three R, G, B.</param>
    /// <param name="destination">One float a pixel.</param>
    public static void Luma(ReadOnlySpan<byte> source, int channels, Span<float> destination)
    {
        for (int i = 0, s = 0; i < destination.Length; i++, s += channels)
            destination[i] = Luma(source[s], source[s + 1], source[s + 2]);
    }

    /// <summary>Rec. 601 luma of interleaved 16-bit colour, unrounded.</summary>
    /// <inheritdoc cref="Luma(ReadOnlySpan{byte}, int, Span{float})"/>
    public static void Luma16(ReadOnlySpan<byte> source, int channels, Span<float> destination, bool bigEndian)
    {
        ReadOnlySpan<ushort> samples = MemoryMarshal.Cast<byte, ushort>(source);
        bool swap = bigEndian == BitConverter.IsLittleEndian;
        for (int i = 0, s = 0; i < destination.Length; i++, s += channels)
        {
            destination[i] = swap
                ? Luma(
                    BinaryPrimitives.ReverseEndianness(samples[s]),
                    BinaryPrimitives.ReverseEndianness(samples[s + 1]),
                    BinaryPrimitives.ReverseEndianness(samples[s + 2]))
                : Luma(samples[s], samples[s + 1], samples[s + 2]);
        }
    }

    /// <summary>Rec. 601 luma; summed as integers, so that a grey pixel keeps its level exactly.</summary>
    public static float Luma(int red, int green, int blue) => (float)(((299 * red) + (587 * green) + (114 * blue)) / 1000.0);

    private static void Store(Vector128<ushort> v, Span<float> destination)
    {
        (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(v);
        Vector128.ConvertToSingle(low.AsInt32()).CopyTo(destination);
        Vector128.ConvertToSingle(high.AsInt32()).CopyTo(destination[4..]);
    }
}
