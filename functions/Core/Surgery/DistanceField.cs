namespace TumorFunctions.Core.Surgery;

/// <summary>Exact Euclidean distances on a grid (Felzenszwalb and Huttenlocher, Theory of Computing 2012).</summary>
internal static class DistanceField
{
    /// <summary>Squared distance in mm² of every cell's centre to the nearest cell of a set; infinite where the set is empty.</summary>
    public static float[] SquaredTo(bool[] set, HeadGrid grid)
    {
        float[] field = new float[set.Length];
        for (int i = 0; i < set.Length; i++)
            field[i] = set[i] ? 0 : float.PositiveInfinity;

        (int w, int h, int d) = (grid.Width, grid.Height, grid.Depth);
        Pass(field, w, 1, h * d, line => line * w, grid.Spacing.X);
        Pass(field, h, w, w * d, line => (line / w * w * h) + (line % w), grid.Spacing.Y);
        if (d > 1)
            Pass(field, d, w * h, w * h, line => line, grid.Spacing.Z);
        return field;
    }

    private static void Pass(float[] field, int length, int stride, int lines, Func<int, int> startOf, double spacing) =>
        Parallel.For(0, lines, () => new LowerEnvelope(length, spacing), (line, _, envelope) =>
        {
            envelope.Transform(field, startOf(line), stride);
            return envelope;
        }, _ => { });

    /// <summary>The lowest of the parabolas over a line's cells.</summary>
    private sealed class LowerEnvelope(int length, double spacing)
    {
        private readonly double[] _heights = new double[length];
        private readonly int[] _apex = new int[length];
        private readonly double[] _from = new double[length + 1];

        public void Transform(float[] field, int start, int stride)
        {
            int last = -1;
            for (int q = 0; q < length; q++)
            {
                _heights[q] = field[start + (q * stride)];
                if (double.IsPositiveInfinity(_heights[q]))
                    continue;
                double from = double.NegativeInfinity;
                while (last >= 0 && (from = Crossing(_apex[last], q)) <= _from[last])
                    last--;
                last++;
                (_apex[last], _from[last]) = (q, last == 0 ? double.NegativeInfinity : from);
            }

            if (last < 0)
                return;
            for (int q = 0, k = 0; q < length; q++)
            {
                while (k < last && _from[k + 1] < q)
                    k++;
                double distance = (q - _apex[k]) * spacing;
                field[start + (q * stride)] = (float)((distance * distance) + _heights[_apex[k]]);
            }
        }

        private double Crossing(int a, int b)
        {
            double square = spacing * spacing;
            return (_heights[b] - _heights[a] + (square * (((double)b * b) - ((double)a * a)))) / (2 * square * (b - a));
        }
    }
}
