using System.Buffers;
using System.Numerics.Tensors;

namespace TumorFunctions.Core.Segmentation;

/// <summary>
/// Turns mask coefficients into an outline at the resolution of the source. The definition is that of the common export's
/// process_mask followed by scaling to the source: logits = coefficients × prototypes, zero outside the box on the prototype grid,
/// bilinear to the input, the letterbox borders cut away, bilinear to the source; a pixel is inside where its logit exceeds 0. Only
/// the part of each grid that the box can reach is computed.
/// </summary>
internal readonly ref struct MaskPainter
{
    private readonly ReadOnlySpan<float> _prototypes;
    private readonly int _count;
    private readonly int _gridWidth;
    private readonly int _gridHeight;
    private readonly Letterbox _letterbox;

    /// <param name="prototypes">count × gridHeight × gridWidth.</param>
    public MaskPainter(ReadOnlySpan<float> prototypes, int count, int gridWidth, int gridHeight, Letterbox letterbox)
    {
        _prototypes = prototypes;
        _count = count;
        _gridWidth = gridWidth;
        _gridHeight = gridHeight;
        _letterbox = letterbox;
    }

    /// <summary>The outline, or null where no pixel is inside.</summary>
    /// <param name="coefficients">One a prototype.</param>
    /// <param name="box">In input pixels.</param>
    public MaskPatch? Paint(ReadOnlySpan<float> coefficients, BoundingBox box)
    {
        var inBox = Region.Inside(
            box.X0 * _gridWidth / _letterbox.TargetWidth,
            box.Y0 * _gridHeight / _letterbox.TargetHeight,
            box.X1 * _gridWidth / _letterbox.TargetWidth,
            box.Y1 * _gridHeight / _letterbox.TargetHeight,
            _gridWidth,
            _gridHeight);
        if (inBox.IsEmpty)
        {
            return null;
        }

        // A cell reaches one cell further on each side once it is interpolated.
        var cells = inBox.Grown(1, _gridWidth, _gridHeight);
        var logits = ArrayPool<float>.Shared.Rent(cells.Area);
        Combine(coefficients, inBox, cells, logits.AsSpan(0, cells.Area));

        var input = InputRegion(cells);
        if (input.IsEmpty)
        {
            ArrayPool<float>.Shared.Return(logits);
            return null;
        }

        var enlarged = ArrayPool<float>.Shared.Rent(input.Area);
        Resample(
            logits, cells, _gridWidth, _gridHeight, enlarged, input, _letterbox.Left, _letterbox.Top, _letterbox.TargetWidth, _letterbox.TargetHeight);
        ArrayPool<float>.Shared.Return(logits);
        var patch = Threshold(enlarged, input);
        ArrayPool<float>.Shared.Return(enlarged);
        return patch;
    }

    private void Combine(ReadOnlySpan<float> coefficients, Region inBox, Region cells, Span<float> logits)
    {
        logits.Clear();
        var plane = _gridWidth * _gridHeight;
        for (var y = inBox.Y0; y < inBox.Y1; y++)
        {
            var row = logits.Slice(((y - cells.Y0) * cells.Width) + inBox.X0 - cells.X0, inBox.Width);
            for (var k = 0; k < _count; k++)
            {
                var prototype = _prototypes.Slice((k * plane) + (y * _gridWidth) + inBox.X0, inBox.Width);
                TensorPrimitives.MultiplyAdd(prototype, coefficients[k], row, row);
            }
        }
    }

    // The part of the scaled slice (without borders) that the cells can reach.
    private Region InputRegion(Region cells)
    {
        var scaleX = (double)_letterbox.TargetWidth / _gridWidth;
        var scaleY = (double)_letterbox.TargetHeight / _gridHeight;
        return new Region(
            Math.Max((int)Math.Floor(cells.X0 * scaleX) - _letterbox.Left, 0),
            Math.Max((int)Math.Floor(cells.Y0 * scaleY) - _letterbox.Top, 0),
            Math.Min((int)Math.Ceiling(cells.X1 * scaleX) - _letterbox.Left, _letterbox.Width),
            Math.Min((int)Math.Ceiling(cells.Y1 * scaleY) - _letterbox.Top, _letterbox.Height));
    }

    /// <summary>
    /// Bilinear values for the region <paramref name="to"/> of the grid (shifted by left, top) from the region
    /// <paramref name="from"/> of a coarser one; what lies outside of <paramref name="from"/> is 0.
    /// </summary>
    private static void Resample(
        ReadOnlySpan<float> source, Region from, int sourceWidth, int sourceHeight, Span<float> destination, Region to, int left, int top, int width, int height)
    {
        var columns = new ResampleTap[to.Width];
        for (var x = 0; x < columns.Length; x++)
        {
            columns[x] = ResampleAxis.At(to.X0 + x + left, sourceWidth, width);
        }

        for (var y = to.Y0; y < to.Y1; y++)
        {
            var tap = ResampleAxis.At(y + top, sourceHeight, height);
            var upper = from.Row(source, tap.First);
            var lower = from.Row(source, tap.Second);
            var line = destination.Slice((y - to.Y0) * to.Width, to.Width);
            for (var x = 0; x < line.Length; x++)
            {
                var column = columns[x];
                var above = Blend(upper, column, from);
                line[x] = above + ((Blend(lower, column, from) - above) * tap.Weight);
            }
        }
    }

    private static float Blend(ReadOnlySpan<float> row, ResampleTap tap, Region from)
    {
        var first = from.Value(row, tap.First);
        return first + ((from.Value(row, tap.Second) - first) * tap.Weight);
    }

    private MaskPatch? Threshold(ReadOnlySpan<float> enlarged, Region input)
    {
        var scaleX = (double)_letterbox.SourceWidth / _letterbox.Width;
        var scaleY = (double)_letterbox.SourceHeight / _letterbox.Height;
        var reach = new Region(
            Math.Max((int)Math.Floor((input.X0 - 1) * scaleX), 0),
            Math.Max((int)Math.Floor((input.Y0 - 1) * scaleY), 0),
            Math.Min((int)Math.Ceiling((input.X1 + 1) * scaleX), _letterbox.SourceWidth),
            Math.Min((int)Math.Ceiling((input.Y1 + 1) * scaleY), _letterbox.SourceHeight));
        var logits = ArrayPool<float>.Shared.Rent(reach.Area);
        Resample(
            enlarged, input, _letterbox.Width, _letterbox.Height, logits, reach, 0, 0, _letterbox.SourceWidth, _letterbox.SourceHeight);
        var patch = Crop(logits, reach);
        ArrayPool<float>.Shared.Return(logits);
        return patch;
    }

    private static MaskPatch? Crop(ReadOnlySpan<float> logits, Region reach)
    {
        var (x0, y0, x1, y1) = (int.MaxValue, int.MaxValue, -1, -1);
        for (var i = 0; i < reach.Area; i++)
        {
            if (logits[i] > 0)
            {
                var (x, y) = (i % reach.Width, i / reach.Width);
                (x0, y0, x1, y1) = (Math.Min(x0, x), Math.Min(y0, y), Math.Max(x1, x), Math.Max(y1, y));
            }
        }

        if (x1 < 0)
        {
            return null;
        }

        var (width, height) = (x1 - x0 + 1, y1 - y0 + 1);
        var pixels = new byte[width * height];
        for (var y = 0; y < height; y++)
        {
            var row = logits.Slice(((y0 + y) * reach.Width) + x0, width);
            for (var x = 0; x < width; x++)
            {
                pixels[(y * width) + x] = row[x] > 0 ? (byte)1 : (byte)0;
            }
        }

        return new MaskPatch(reach.X0 + x0, reach.Y0 + y0, width, height, pixels);
    }

    /// <summary>Cells x0 ≤ x &lt; x1, y0 ≤ y &lt; y1 of a grid.</summary>
    private readonly record struct Region(int X0, int Y0, int X1, int Y1)
    {
        public int Width => X1 - X0;

        public int Height => Y1 - Y0;

        public int Area => Width * Height;

        public bool IsEmpty => Width <= 0 || Height <= 0;

        /// <summary>The cells whose index lies in [x0, x1) × [y0, y1).</summary>
        public static Region Inside(float x0, float y0, float x1, float y1, int width, int height) => new(
            (int)Math.Clamp(MathF.Ceiling(x0), 0, width),
            (int)Math.Clamp(MathF.Ceiling(y0), 0, height),
            (int)Math.Clamp(MathF.Ceiling(x1), 0, width),
            (int)Math.Clamp(MathF.Ceiling(y1), 0, height));

        public Region Grown(int by, int width, int height) => new(
            Math.Max(X0 - by, 0), Math.Max(Y0 - by, 0), Math.Min(X1 + by, width), Math.Min(Y1 + by, height));

        /// <summary>The row of the region's values, or nothing where the region does not reach.</summary>
        public ReadOnlySpan<float> Row(ReadOnlySpan<float> values, int y) =>
            y >= Y0 && y < Y1 ? values.Slice((y - Y0) * Width, Width) : [];

        public float Value(ReadOnlySpan<float> row, int x) =>
            row.IsEmpty || x < X0 || x >= X1 ? 0 : row[x - X0];
    }
}
