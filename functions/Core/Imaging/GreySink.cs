namespace TumorFunctions.Core.Imaging;

/// <summary>Where a reader puts the grey values of a picture, in whatever order its file has them.</summary>
internal abstract class GreySink
{
    /// <summary>Room for <paramref name="length"/> values from column <paramref name="x"/> of a row, to be filled before the next call.</summary>
    public abstract Span<float> Row(int x, int y, int length);

    /// <summary>Puts values into every <paramref name="step"/>th column from column <paramref name="x"/> of a row on.</summary>
    public abstract void Scatter(int x, int y, int step, ReadOnlySpan<float> values);
}

/// <summary>Keeps every value.</summary>
/// <param name="values">width × height, written in place.</param>
internal sealed class FullSink(Memory<float> values, int width) : GreySink
{
    public override Span<float> Row(int x, int y, int length) => values.Span.Slice((y * width) + x, length);

    public override void Scatter(int x, int y, int step, ReadOnlySpan<float> source)
    {
        Span<float> row = values.Span.Slice(y * width, width);
        for (int i = 0; i < source.Length; i++)
            row[x + (i * step)] = source[i];
    }
}

/// <summary>
/// Keeps the means of equal fields of the picture, at most <see cref="Width"/> × <see cref="Height"/> of them, so that a picture of any
/// size can be looked at in little memory.
/// </summary>
internal sealed class ReducingSink : GreySink
{
    private readonly int _sourceHeight;
    private readonly int[] _column;
    private readonly double[] _sums;
    private readonly int[] _counts;
    private readonly float[] _pending;
    private int _pendingX;
    private int _pendingY;
    private int _pendingLength;

    /// <param name="longSide">Longest side of what is kept, in pixels.</param>
    public ReducingSink(int sourceWidth, int sourceHeight, int longSide)
    {
        _sourceHeight = sourceHeight;
        int longest = Math.Max(sourceWidth, sourceHeight);
        double ratio = Math.Min(1, (double)longSide / longest);
        Width = Math.Max(1, (int)Math.Round(sourceWidth * ratio));
        Height = Math.Max(1, (int)Math.Round(sourceHeight * ratio));
        _column = new int[sourceWidth];
        for (int x = 0; x < sourceWidth; x++)
            _column[x] = (int)((long)x * Width / sourceWidth);
        _sums = new double[Width * Height];
        _counts = new int[Width * Height];
        _pending = new float[sourceWidth];
    }

    public int Width { get; }

    public int Height { get; }

    public override Span<float> Row(int x, int y, int length)
    {
        Flush();
        (_pendingX, _pendingY, _pendingLength) = (x, y, length);
        return _pending.AsSpan(0, length);
    }

    public override void Scatter(int x, int y, int step, ReadOnlySpan<float> values)
    {
        int row = RowOf(y);
        for (int i = 0; i < values.Length; i++)
            Add(row + _column[x + (i * step)], values[i]);
    }

    /// <summary>The middle slice of a volume, at most <paramref name="longSide"/> pixels long; its geometry is left behind.</summary>
    public static Volume Reduce(Volume volume, int longSide)
    {
        ReducingSink sink = new(volume.Width, volume.Height, longSide);
        ReadOnlySpan<float> slice = volume.Slice(volume.Depth / 2);
        for (int y = 0; y < volume.Height; y++)
            slice.Slice(y * volume.Width, volume.Width).CopyTo(sink.Row(0, y, volume.Width));
        return new Volume(sink.Finish(), sink.Width, sink.Height, 1)
        {
            Format = volume.Format,
            BitsPerSample = volume.BitsPerSample,
            Window = volume.Window,
            Study = volume.Study,
        };
    }

    /// <summary>The means, rows from the top.</summary>
    public float[] Finish()
    {
        Flush();
        float[] means = new float[_sums.Length];
        for (int i = 0; i < means.Length; i++)
            means[i] = _counts[i] == 0 ? 0 : (float)(_sums[i] / _counts[i]);
        return means;
    }

    private void Flush()
    {
        int row = RowOf(_pendingY);
        for (int i = 0; i < _pendingLength; i++)
            Add(row + _column[_pendingX + i], _pending[i]);
        _pendingLength = 0;
    }

    private int RowOf(int y) => (int)((long)y * Height / _sourceHeight) * Width;

    // A NaN would blacken its whole field.
    private void Add(int field, float value)
    {
        if (!float.IsFinite(value))
            return;
        _sums[field] += value;
        _counts[field]++;
    }
}
