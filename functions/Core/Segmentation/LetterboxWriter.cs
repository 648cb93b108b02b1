using System.Buffers;
using System.Runtime.Intrinsics;

namespace TumorFunctions.Core.Segmentation;

/// <summary>
/// Writes an 8-bit slice as a plane of the network's input: bilinear, rounded to whole grey levels (half to even), divided
/// by 255.
/// </summary>
internal static class LetterboxWriter
{
    private static readonly float[] Unit = [.. Enumerable.Range(0, 256).Select(grey => grey / 255f)];

    /// <param name="plane">TargetHeight × TargetWidth.</param>
    public static void Write(in GreySlice slice, in Letterbox box, Span<float> plane)
    {
        var pad = Unit[Letterbox.PadValue];
        var stride = box.TargetWidth;
        plane[..(box.Top * stride)].Fill(pad);
        for (var y = box.Top; y < box.Top + box.Height; y++)
        {
            var row = plane.Slice(y * stride, stride);
            row[..box.Left].Fill(pad);
            row[(box.Left + box.Width)..].Fill(pad);
        }

        plane[((box.Top + box.Height) * stride)..].Fill(pad);

        var inner = plane[((box.Top * stride) + box.Left)..];
        if (box.Width == box.SourceWidth && box.Height == box.SourceHeight)
            Copy(slice, inner, stride);
        else
            Resize(slice, box, inner, stride);
    }

    private static void Copy(in GreySlice slice, Span<float> inner, int stride)
    {
        for (var y = 0; y < slice.Height; y++)
        {
            var source = slice.Pixels.Span.Slice(y * slice.Width, slice.Width);
            var row = inner.Slice(y * stride, slice.Width);
            for (var x = 0; x < source.Length; x++)
                row[x] = Unit[source[x]];
        }
    }

    private static void Resize(in GreySlice slice, in Letterbox box, Span<float> inner, int stride)
    {
        var width = box.Width;
        var floats = ArrayPool<float>.Shared.Rent(3 * width);
        var ints = ArrayPool<int>.Shared.Rent(width);
        try
        {
            var lower = ints.AsSpan(0, width);
            var fraction = floats.AsSpan(0, width);
            var above = floats.AsSpan(width, width);
            var below = floats.AsSpan(2 * width, width);
            LinearAxis.Fill(slice.Width, width, lower, fraction);

            // Each source row is resampled once; the two rows in use swap places on the way down.
            int aboveRow = -1, belowRow = -1;
            for (var y = 0; y < box.Height; y++)
            {
                var (row, share) = LinearAxis.At(y, slice.Height, box.Height);
                var next = Math.Min(row + 1, slice.Height - 1);
                if (aboveRow != row)
                {
                    if (belowRow == row)
                    {
                        var swap = above;
                        above = below;
                        below = swap;
                        belowRow = aboveRow;
                    }
                    else
                    {
                        ResampleRow(slice, row, lower, fraction, above);
                    }

                    aboveRow = row;
                }

                if (belowRow != next)
                {
                    ResampleRow(slice, next, lower, fraction, below);
                    belowRow = next;
                }

                Blend(above, below, share, inner.Slice(y * stride, width));
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(floats);
            ArrayPool<int>.Shared.Return(ints);
        }
    }

    private static void ResampleRow(in GreySlice slice, int y, ReadOnlySpan<int> lower, ReadOnlySpan<float> fraction, Span<float> row)
    {
        var source = slice.Pixels.Span.Slice(y * slice.Width, slice.Width);
        for (var x = 0; x < row.Length; x++)
        {
            var i = lower[x];
            var share = fraction[x];

            // Where the share is 0 there may be no right neighbour.
            float right = share > 0 ? source[i + 1] : 0;
            row[x] = ((1 - share) * source[i]) + (share * right);
        }
    }

    private static void Blend(ReadOnlySpan<float> above, ReadOnlySpan<float> below, float share, Span<float> row)
    {
        var x = 0;
        for (; x <= row.Length - Vector256<float>.Count; x += Vector256<float>.Count)
        {
            var grey = (Vector256.Create(above[x..]) * (1 - share)) + (Vector256.Create(below[x..]) * share);
            (Vector256.Round(grey) / 255f).CopyTo(row[x..]);
        }

        for (; x < row.Length; x++)
            row[x] = MathF.Round(((1 - share) * above[x]) + (share * below[x])) / 255f;
    }
}
