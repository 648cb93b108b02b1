namespace TumorFunctions.Core.Imaging;

/// <summary>Reduces images by averaging the exact area that each new pixel covers, one axis after the other.</summary>
internal static class AreaAverage
{
    /// <param name="source">Rows from the top, one byte a pixel.</param>
    /// <returns>An image of <paramref name="toWidth"/> × <paramref name="toHeight"/>, neither larger than before.</returns>
    public static byte[] Reduce(ReadOnlySpan<byte> source, int width, int height, int toWidth, int toHeight)
    {
        byte[] result = new byte[toWidth * toHeight];
        float[] narrowed = new float[toWidth];
        float[] sum = new float[toWidth];
        Coverage[] columns = Coverage.Of(width, toWidth);
        Coverage[] rows = Coverage.Of(height, toHeight);
        for (int y = 0; y < toHeight; y++)
        {
            Array.Clear(sum);
            for (int j = rows[y].First; j <= rows[y].Last; j++)
            {
                Narrow(source.Slice(j * width, width), columns, narrowed);
                float weight = rows[y].Weight(j);
                for (int x = 0; x < sum.Length; x++)
                    sum[x] += weight * narrowed[x];
            }

            for (int x = 0; x < sum.Length; x++)
                result[(y * toWidth) + x] = (byte)(sum[x] + 0.5f);
        }

        return result;
    }

    private static void Narrow(ReadOnlySpan<byte> row, Coverage[] columns, Span<float> narrowed)
    {
        for (int x = 0; x < narrowed.Length; x++)
        {
            Coverage column = columns[x];
            int inner = 0;
            for (int i = column.First + 1; i < column.Last; i++)
                inner += row[i];
            float edges = (column.FirstWeight * row[column.First]) + (column.LastWeight * row[column.Last]);
            narrowed[x] = edges + (column.InnerWeight * inner);
        }
    }

    /// <summary>Which old pixels a new one covers, and the share of each in it; the shares sum to 1.</summary>
    private readonly record struct Coverage(int First, int Last, float FirstWeight, float InnerWeight, float LastWeight)
    {
        public static Coverage[] Of(int size, int toSize)
        {
            double step = (double)size / toSize;
            Coverage[] result = new Coverage[toSize];
            for (int i = 0; i < toSize; i++)
            {
                double start = i * step;
                double end = Math.Min(start + step, size);
                int first = (int)start;
                int last = Math.Min((int)Math.Ceiling(end) - 1, size - 1);
                result[i] = first == last
                    ? new Coverage(first, last, 1, 0, 0)
                    : new Coverage(
                        first, last, (float)((first + 1 - start) / step), (float)(1 / step), (float)((end - last) / step));
            }

            return result;
        }

        public float Weight(int index) => index == First ? FirstWeight : index == Last ? LastWeight : InnerWeight;
    }
}
