using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TumorFunctions.Core.Imaging.Jpeg;

/// <summary>
/// The inverse DCT of Loeffler, Ligtenberg and Moschytz (ICASSP 1989) in 13-bit fixed point, step by step as the accurate
/// integer method of the Independent JPEG Group does it, so that decoded values agree with that de facto reference bit for
/// bit. Eight columns, then eight rows at a time.
/// </summary>
internal static class JpegIdct
{
    private const int ConstBits = 13;
    private const int Fix0298 = 2446;
    private const int Fix0390 = 3196;
    private const int Fix0541 = 4433;
    private const int Fix0765 = 6270;
    private const int Fix0899 = 7373;
    private const int Fix1175 = 9633;
    private const int Fix1501 = 12299;
    private const int Fix1847 = 15137;
    private const int Fix1961 = 16069;
    private const int Fix2053 = 16819;
    private const int Fix2562 = 20995;
    private const int Fix3072 = 25172;

    /// <summary>Dequantises and transforms a block into samples.</summary>
    /// <param name="coefficients">64, in natural order.</param>
    /// <param name="quantization">64, in natural order.</param>
    /// <param name="samples">The first sample of the block; eight rows of <paramref name="stride"/>.</param>
    /// <param name="precision">Bits a sample, 8 or 12.</param>
    public static void Transform(
        ReadOnlySpan<short> coefficients, ReadOnlySpan<ushort> quantization, Span<ushort> samples, int stride, int precision)
    {
        // Wider samples leave less room for fractions between the passes.
        int pass1Bits = precision > 8 ? 1 : 2;
        Rows8 rows = Dequantize(coefficients, quantization);
        rows = Transpose(Pass(rows, ConstBits - pass1Bits));
        rows = Transpose(Pass(rows, ConstBits + pass1Bits + 3));
        Vector256<int> center = Vector256.Create(1 << (precision - 1));
        Vector256<int> white = Vector256.Create((1 << precision) - 1);
        for (int y = 0; y < 8; y++)
        {
            Vector256<int> row = Vector256.Min(Vector256.Max(rows[y] + center, Vector256<int>.Zero), white);
            Vector128.Narrow(row.GetLower(), row.GetUpper()).AsUInt16().CopyTo(samples[(y * stride)..]);
        }
    }

    /// <summary>The same for a block that holds nothing but its DC.</summary>
    public static void Flat(int dc, Span<ushort> samples, int stride, int precision)
    {
        int value = Math.Clamp(((dc + 4) >> 3) + (1 << (precision - 1)), 0, (1 << precision) - 1);
        for (int y = 0; y < 8; y++)
            samples.Slice(y * stride, 8).Fill((ushort)value);
    }

    private static Rows8 Dequantize(ReadOnlySpan<short> coefficients, ReadOnlySpan<ushort> quantization)
    {
        Rows8 rows = default;
        for (int y = 0; y < 8; y++)
        {
            Vector128<short> row = Vector128.Create(coefficients.Slice(8 * y, 8));
            Vector128<ushort> step = Vector128.Create(quantization.Slice(8 * y, 8));
            (Vector128<int> low, Vector128<int> high) = Vector128.Widen(row);
            (Vector128<uint> stepLow, Vector128<uint> stepHigh) = Vector128.Widen(step);
            rows[y] = Vector256.Create(low * stepLow.AsInt32(), high * stepHigh.AsInt32());
        }

        return rows;
    }

    private static Rows8 Pass(in Rows8 x, int shift)
    {
        // Even part.
        Vector256<int> z1 = (x[2] + x[6]) * Fix0541;
        Vector256<int> t2 = z1 - (x[6] * Fix1847);
        Vector256<int> t3 = z1 + (x[2] * Fix0765);
        Vector256<int> t0 = Vector256.ShiftLeft(x[0] + x[4], ConstBits);
        Vector256<int> t1 = Vector256.ShiftLeft(x[0] - x[4], ConstBits);
        Vector256<int> t10 = t0 + t3;
        Vector256<int> t13 = t0 - t3;
        Vector256<int> t11 = t1 + t2;
        Vector256<int> t12 = t1 - t2;

        // Odd part.
        Vector256<int> z3 = x[7] + x[3];
        Vector256<int> z4 = x[5] + x[1];
        Vector256<int> z5 = (z3 + z4) * Fix1175;
        z1 = (x[7] + x[1]) * Fix0899;
        Vector256<int> z2 = (x[5] + x[3]) * Fix2562;
        z3 = z5 - (z3 * Fix1961);
        z4 = z5 - (z4 * Fix0390);
        t0 = (x[7] * Fix0298) - z1 + z3;
        t1 = (x[5] * Fix2053) - z2 + z4;
        t2 = (x[3] * Fix3072) - z2 + z3;
        t3 = (x[1] * Fix1501) - z1 + z4;

        Vector256<int> half = Vector256.Create(1 << (shift - 1));
        Rows8 y = default;
        y[0] = Vector256.ShiftRightArithmetic(t10 + t3 + half, shift);
        y[7] = Vector256.ShiftRightArithmetic(t10 - t3 + half, shift);
        y[1] = Vector256.ShiftRightArithmetic(t11 + t2 + half, shift);
        y[6] = Vector256.ShiftRightArithmetic(t11 - t2 + half, shift);
        y[2] = Vector256.ShiftRightArithmetic(t12 + t1 + half, shift);
        y[5] = Vector256.ShiftRightArithmetic(t12 - t1 + half, shift);
        y[3] = Vector256.ShiftRightArithmetic(t13 + t0 + half, shift);
        y[4] = Vector256.ShiftRightArithmetic(t13 - t0 + half, shift);
        return y;
    }

    private static Rows8 Transpose(in Rows8 x)
    {
        Rows8 y = default;
        if (!Avx2.IsSupported)
        {
            ReadOnlySpan<int> from = MemoryMarshal.Cast<Vector256<int>, int>((ReadOnlySpan<Vector256<int>>)x);
            Span<int> to = MemoryMarshal.Cast<Vector256<int>, int>((Span<Vector256<int>>)y);
            for (int i = 0; i < 64; i++)
                to[i] = from[((i & 7) << 3) | (i >> 3)];
            return y;
        }

        for (int half = 0; half < 2; half++)
        {
            int r = 4 * half;
            Vector256<long> a = Avx2.UnpackLow(x[r], x[r + 1]).AsInt64();
            Vector256<long> b = Avx2.UnpackHigh(x[r], x[r + 1]).AsInt64();
            Vector256<long> c = Avx2.UnpackLow(x[r + 2], x[r + 3]).AsInt64();
            Vector256<long> d = Avx2.UnpackHigh(x[r + 2], x[r + 3]).AsInt64();
            y[r] = Avx2.UnpackLow(a, c).AsInt32();
            y[r + 1] = Avx2.UnpackHigh(a, c).AsInt32();
            y[r + 2] = Avx2.UnpackLow(b, d).AsInt32();
            y[r + 3] = Avx2.UnpackHigh(b, d).AsInt32();
        }

        Rows8 z = default;
        for (int i = 0; i < 4; i++)
        {
            z[i] = Avx2.Permute2x128(y[i], y[i + 4], 0x20);
            z[i + 4] = Avx2.Permute2x128(y[i], y[i + 4], 0x31);
        }

        return z;
    }

    [InlineArray(8)]
    private struct Rows8
    {
        private Vector256<int> _row;
    }
}
