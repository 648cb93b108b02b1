using System.Buffers;
using System.Numerics.Tensors;

namespace TumorFunctions.Core.Segmentation;

/// <summary>
/// How a slice of any size lies in a model's input: scaled by one ratio, larger or smaller than 1, and centred between borders of
/// grey 114; an odd border pixel goes right and below.
/// </summary>
public readonly record struct Letterbox
{
    private const float PadLevel = 114f / 255f;

    private Letterbox(int sourceWidth, int sourceHeight, int targetWidth, int targetHeight)
    {
        SourceWidth = sourceWidth;
        SourceHeight = sourceHeight;
        TargetWidth = targetWidth;
        TargetHeight = targetHeight;
        Ratio = Math.Min((double)targetHeight / sourceHeight, (double)targetWidth / sourceWidth);
        Width = Math.Max(1, (int)Math.Round(sourceWidth * Ratio));
        Height = Math.Max(1, (int)Math.Round(sourceHeight * Ratio));
        Left = (int)Math.Round(((targetWidth - Width) / 2.0) - 0.1);
        Top = (int)Math.Round(((targetHeight - Height) / 2.0) - 0.1);
    }

    public int SourceWidth { get; }

    public int SourceHeight { get; }

    public int TargetWidth { get; }

    public int TargetHeight { get; }

    public double Ratio { get; }

    /// <summary>Width of the scaled slice.</summary>
    public int Width { get; }

    /// <summary>Height of the scaled slice.</summary>
    public int Height { get; }

    public int Left { get; }

    public int Top { get; }

    public static Letterbox Fit(int sourceWidth, int sourceHeight, int targetWidth, int targetHeight) =>
        new(sourceWidth, sourceHeight, targetWidth, targetHeight);

    /// <summary>A box in input pixels, in pixels of the source and clipped to it.</summary>
    public BoundingBox ToSource(BoundingBox box) => new(
        Clip(box.X0 - Left, SourceWidth),
        Clip(box.Y0 - Top, SourceHeight),
        Clip(box.X1 - Left, SourceWidth),
        Clip(box.Y1 - Top, SourceHeight));

    /// <summary>
    /// Writes the slice into <paramref name="channels"/> equal planes of Height × Width floats from 0 to 1. Bilinear with pixel centres
    /// at half and no antialiasing, rounded to whole grey levels, as the common exports were trained.
    /// </summary>
    /// <param name="grey">SourceHeight × SourceWidth.</param>
    /// <param name="planes">channels × TargetHeight × TargetWidth.</param>
    public void Fill(ReadOnlySpan<byte> grey, Span<float> planes, int channels)
    {
        var planeLength = TargetWidth * TargetHeight;
        var plane = planes[..planeLength];
        plane[..(Top * TargetWidth)].Fill(PadLevel);
        plane[((Top + Height) * TargetWidth)..].Fill(PadLevel);

        var columns = ResampleAxis.Of(SourceWidth, Width);
        var rows = ResampleAxis.Of(SourceHeight, Height);
        var rented = ArrayPool<float>.Shared.Rent(2 * Width);
        var upper = rented.AsSpan(0, Width);
        var lower = rented.AsSpan(Width, Width);
        var (upperRow, lowerRow) = (-1, -1);
        for (var y = 0; y < Height; y++)
        {
            var tap = rows[y];
            if (tap.First == lowerRow)
            {
                var swap = upper;
                upper = lower;
                lower = swap;
                (upperRow, lowerRow) = (lowerRow, upperRow);
            }

            Stretch(grey, tap.First, columns, upper, ref upperRow);
            Stretch(grey, tap.Second, columns, lower, ref lowerRow);
            var line = plane.Slice((Top + y) * TargetWidth, TargetWidth);
            line[..Left].Fill(PadLevel);
            line[(Left + Width)..].Fill(PadLevel);
            Blend(upper, lower, tap.Weight, line.Slice(Left, Width));
        }

        ArrayPool<float>.Shared.Return(rented);
        for (var channel = 1; channel < channels; channel++)
        {
            plane.CopyTo(planes[(channel * planeLength)..]);
        }
    }

    private void Stretch(ReadOnlySpan<byte> grey, int row, ResampleTap[] columns, Span<float> destination, ref int held)
    {
        if (held == row)
        {
            return;
        }

        held = row;
        var source = grey.Slice(row * SourceWidth, SourceWidth);
        for (var x = 0; x < destination.Length; x++)
        {
            var tap = columns[x];
            float first = source[tap.First];
            destination[x] = first + ((source[tap.Second] - first) * tap.Weight);
        }
    }

    private static void Blend(ReadOnlySpan<float> upper, ReadOnlySpan<float> lower, float weight, Span<float> destination)
    {
        TensorPrimitives.Lerp(upper, lower, weight, destination);
        TensorPrimitives.Round(destination, destination);
        TensorPrimitives.Multiply(destination, 1f / 255f, destination);
    }

    private float Clip(double value, int limit) => (float)Math.Clamp(value / Ratio, 0, limit);
}

/// <summary>Where a resampled pixel takes its value: First + Weight · (Second − First).</summary>
internal readonly record struct ResampleTap(int First, int Second, float Weight);

/// <summary>Bilinear taps along one axis, pixel centres at half, clamped at the ends (align_corners = false).</summary>
internal static class ResampleAxis
{
    public static ResampleTap[] Of(int size, int toSize)
    {
        var taps = new ResampleTap[toSize];
        for (var i = 0; i < toSize; i++)
        {
            taps[i] = At(i, size, toSize);
        }

        return taps;
    }

    public static ResampleTap At(int index, int size, int toSize)
    {
        var position = Math.Max((float)(((index + 0.5) * size / toSize) - 0.5), 0);
        var first = Math.Min((int)position, size - 1);
        return new ResampleTap(first, Math.Min(first + 1, size - 1), position - first);
    }
}
