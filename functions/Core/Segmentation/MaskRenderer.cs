using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TumorFunctions.Core.Segmentation;

/// <summary>
/// Draws masks at the resolution of the source image. A mask's logits are its coefficients times the prototypes, zero outside
/// of the box on the prototype grid (cell c is inside where x0 ≤ c &lt; x1), upsampled as <see cref="UpsampleAxis"/> says; a
/// pixel belongs to the mask where its logit exceeds 0. The mask may thus reach one grid cell beyond its box, as Ultralytics'
/// process_mask has it. Only what the box can reach is computed.
/// </summary>
internal sealed class MaskRenderer : IDisposable
{
    private const int Border = UpsampleAxis.Taps - 1;

    private readonly Letterbox _letterbox;
    private readonly int _gridWidth;
    private readonly int _gridHeight;
    private readonly UpsampleAxis _columns;
    private readonly UpsampleAxis _rows;

    public MaskRenderer(in Letterbox letterbox, int gridWidth, int gridHeight)
    {
        _letterbox = letterbox;
        _gridWidth = gridWidth;
        _gridHeight = gridHeight;
        _columns = new UpsampleAxis(gridWidth, letterbox.TargetWidth, letterbox.Left, letterbox.Width, letterbox.SourceWidth);
        _rows = new UpsampleAxis(gridHeight, letterbox.TargetHeight, letterbox.Top, letterbox.Height, letterbox.SourceHeight);
    }

    /// <summary>Adds a mask to the union and returns it alone.</summary>
    /// <param name="box">In pixels of the network's input.</param>
    /// <param name="prototypes">One plane of the grid for each coefficient.</param>
    /// <param name="union">SourceHeight × SourceWidth, 0 or 1.</param>
    public MaskRuns Render(BoundingBox box, ReadOnlySpan<float> coefficients, ReadOnlySpan<float> prototypes, Span<byte> union)
    {
        var (left, right) = Cells(box.X0, box.X1, _gridWidth, _letterbox.TargetWidth);
        var (top, bottom) = Cells(box.Y0, box.Y1, _gridHeight, _letterbox.TargetHeight);
        if (left >= right || top >= bottom)
            return MaskRuns.Empty;
        var (x0, x1) = _columns.Reach(left, right);
        var (y0, y1) = _rows.Reach(top, bottom);
        if (x0 == x1 || y0 == y1)
            return MaskRuns.Empty;

        // The borders of zeros stand for the cells outside of the box.
        int width = right - left + (2 * Border), height = bottom - top + (2 * Border), outWidth = x1 - x0;
        var logits = ArrayPool<float>.Shared.Rent(width * height);
        var wide = ArrayPool<float>.Shared.Rent(outWidth * height);
        var inside = ArrayPool<byte>.Shared.Rent(outWidth);
        try
        {
            var cells = logits.AsSpan(0, width * height);
            cells.Clear();
            for (var y = top; y < bottom; y++)
                Multiply(coefficients, prototypes, (y * _gridWidth) + left, cells.Slice(((y - top + Border) * width) + Border, right - left));

            wide.AsSpan(0, outWidth * Border).Clear();
            wide.AsSpan(outWidth * (height - Border), outWidth * Border).Clear();
            for (var y = Border; y < height - Border; y++)
                Widen(cells.Slice(y * width, width), left - Border, x0, wide.AsSpan(y * outWidth, outWidth));

            return Threshold(wide, top - Border, (x0, x1), (y0, y1), inside.AsSpan(0, outWidth), union);
        }
        finally
        {
            ArrayPool<float>.Shared.Return(logits);
            ArrayPool<float>.Shared.Return(wide);
            ArrayPool<byte>.Shared.Return(inside);
        }
    }

    public void Dispose()
    {
        _columns.Dispose();
        _rows.Dispose();
    }

    private static (int Begin, int End) Cells(float low, float high, int cells, int pixels)
    {
        var scale = (float)cells / pixels;
        return ((int)Math.Clamp(MathF.Ceiling(low * scale), 0, cells), (int)Math.Clamp(MathF.Ceiling(high * scale), 0, cells));
    }

    private void Multiply(ReadOnlySpan<float> coefficients, ReadOnlySpan<float> prototypes, int start, Span<float> row)
    {
        var plane = _gridWidth * _gridHeight;
        for (var k = 0; k < coefficients.Length; k++)
        {
            var weight = coefficients[k];
            var source = prototypes.Slice((k * plane) + start, row.Length);
            var x = 0;
            for (; x <= row.Length - Vector256<float>.Count; x += Vector256<float>.Count)
                (Vector256.Create<float>(row[x..]) + (Vector256.Create(source[x..]) * weight)).CopyTo(row[x..]);
            for (; x < row.Length; x++)
                row[x] += weight * source[x];
        }
    }

    private void Widen(ReadOnlySpan<float> cells, int firstCell, int x0, Span<float> row)
    {
        var first = _columns.First.Slice(x0, row.Length);
        var weights = MemoryMarshal.Cast<float, TapWeights>(_columns.Weights).Slice(x0, row.Length);
        for (var x = 0; x < row.Length; x++)
        {
            var taps = cells.Slice(first[x] - firstCell, UpsampleAxis.Taps);
            row[x] = (weights[x][0] * taps[0]) + (weights[x][1] * taps[1]) + (weights[x][2] * taps[2]);
        }
    }

    private MaskRuns Threshold(
        ReadOnlySpan<float> wide, int firstCell, (int Begin, int End) columns, (int Begin, int End) rows, Span<byte> inside, Span<byte> union)
    {
        var runs = new List<int>(4 * (rows.End - rows.Begin));
        var stride = inside.Length;
        for (var y = rows.Begin; y < rows.End; y++)
        {
            var taps = wide.Slice((_rows.First[y] - firstCell) * stride, UpsampleAxis.Taps * stride);
            var weights = MemoryMarshal.Cast<float, TapWeights>(_rows.Weights)[y];
            Positive(taps[..stride], taps.Slice(stride, stride), taps[(2 * stride)..], weights, inside);
            AppendRuns(inside, y, columns.Begin, runs);
            var row = union.Slice((y * _letterbox.SourceWidth) + columns.Begin, stride);
            var x = 0;
            for (; x <= stride - Vector256<byte>.Count; x += Vector256<byte>.Count)
                (Vector256.Create<byte>(row[x..]) | Vector256.Create<byte>(inside[x..])).CopyTo(row[x..]);
            for (; x < stride; x++)
                row[x] |= inside[x];
        }

        return new MaskRuns([.. runs]);
    }

    private static void Positive(
        ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> c, TapWeights weights, Span<byte> inside)
    {
        var x = 0;
        for (; x <= inside.Length - Vector256<byte>.Count; x += Vector256<byte>.Count)
        {
            var low = Vector256.Narrow(PositiveLanes(a, b, c, weights, x), PositiveLanes(a, b, c, weights, x + 8));
            var high = Vector256.Narrow(PositiveLanes(a, b, c, weights, x + 16), PositiveLanes(a, b, c, weights, x + 24));
            (Vector256.Narrow(low, high).AsByte() & Vector256<byte>.One).CopyTo(inside[x..]);
        }

        for (; x < inside.Length; x++)
            inside[x] = (weights[0] * a[x]) + (weights[1] * b[x]) + (weights[2] * c[x]) > 0 ? (byte)1 : (byte)0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> PositiveLanes(
        ReadOnlySpan<float> a, ReadOnlySpan<float> b, ReadOnlySpan<float> c, TapWeights weights, int x)
    {
        var logit = (Vector256.Create(a[x..]) * weights[0]) + (Vector256.Create(b[x..]) * weights[1]) + (Vector256.Create(c[x..]) * weights[2]);
        return Vector256.GreaterThan(logit, Vector256<float>.Zero).AsInt32();
    }

    private static void AppendRuns(ReadOnlySpan<byte> inside, int y, int shift, List<int> runs)
    {
        var x = inside.IndexOf((byte)1);
        while (x >= 0)
        {
            var length = inside[x..].IndexOf((byte)0);
            var end = length < 0 ? inside.Length : x + length;
            runs.Add(y);
            runs.Add(shift + x);
            runs.Add(shift + end);
            var next = inside[end..].IndexOf((byte)1);
            x = next < 0 ? -1 : end + next;
        }
    }

    [InlineArray(UpsampleAxis.Taps)]
    private struct TapWeights
    {
        private float _first;
    }
}
