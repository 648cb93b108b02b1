namespace TumorFunctions.Core.Tests.Imaging;

/// <summary>Encodes samples as lossless JPEG (T.81, annex H).</summary>
internal sealed class LosslessJpegBuilder
{
    public required int Width { get; init; }

    public required int Height { get; init; }

    /// <summary>One plane a component.</summary>
    public required int[][] Planes { get; init; }

    public int Precision { get; init; } = 16;

    public int Predictor { get; init; } = 1;

    public int PointTransform { get; init; }

    /// <summary>Rows of a restart interval.</summary>
    public int RestartRows { get; init; }

    public JpegCodes Codes { get; init; }

    public byte[] Build()
    {
        MemoryStream file = new();
        file.Write([0xFF, 0xD8]);
        byte[] components = [.. Planes.SelectMany((_, i) => new[] { (byte)(i + 1), (byte)0x11, (byte)0 })];
        JpegBuilder.Segment(
            file,
            0xC3,
            [(byte)Precision, (byte)(Height >> 8), (byte)Height, (byte)(Width >> 8), (byte)Width, (byte)Planes.Length, .. components]);
        JpegBits bits = new(file, Codes);
        bits.Table(0, 0);
        if (RestartRows > 0)
            JpegBuilder.Segment(file, 0xDD, [(byte)(RestartRows * Width >> 8), (byte)(RestartRows * Width)]);
        byte[] selectors = [.. Planes.SelectMany((_, i) => new[] { (byte)(i + 1), (byte)0 })];
        JpegBuilder.Segment(file, 0xDA, [(byte)Planes.Length, .. selectors, (byte)Predictor, 0, (byte)PointTransform]);
        for (int y = 0; y < Height; y++)
        {
            bool first = y == 0 || (RestartRows > 0 && y % RestartRows == 0);
            if (first && y > 0)
            {
                bits.Flush();
                file.Write([0xFF, (byte)(0xD0 + (((y / RestartRows) - 1) % 8))]);
            }

            for (int x = 0; x < Width; x++)
            {
                foreach (int[] plane in Planes)
                    Sample(bits, plane, x, y, first);
            }
        }

        bits.Flush();
        file.Write([0xFF, 0xD9]);
        return file.ToArray();
    }

    private void Sample(JpegBits bits, int[] plane, int x, int y, bool first)
    {
        int At(int column, int row) => plane[(row * Width) + column] >> PointTransform;
        int prediction = (first, x) switch
        {
            (true, 0) => 1 << (Precision - PointTransform - 1),
            (true, _) => At(x - 1, y),
            (false, 0) => At(0, y - 1),
            _ => Predict(At(x - 1, y), At(x, y - 1), At(x - 1, y - 1)),
        };

        // Differences count modulo 2^16.
        int difference = (short)(At(x, y) - prediction);
        if (difference == short.MinValue)
        {
            bits.Symbol(16);
            return;
        }

        int size = JpegBits.Size(difference);
        bits.Symbol(size);
        bits.Magnitude(difference, size);
    }

    private int Predict(int a, int b, int c) => Predictor switch
    {
        1 => a,
        2 => b,
        3 => c,
        4 => a + b - c,
        5 => a + ((b - c) >> 1),
        6 => b + ((a - c) >> 1),
        _ => (a + b) >> 1,
    };
}
