namespace TumorFunctions.Core.Imaging.JpegLs;

/// <summary>The coding parameters of a scan (T.87, A.1 and C.2.4.1).</summary>
internal sealed class JpegLsParameters
{
    private const int DefaultReset = 64;

    /// <param name="maxValue">Largest sample.</param>
    /// <param name="near">By how much samples may be off.</param>
    /// <param name="preset">Thresholds and reset of an LSE segment; zero where the default counts.</param>
    public JpegLsParameters(int maxValue, int near, (int T1, int T2, int T3, int Reset) preset)
    {
        MaxValue = maxValue;
        Near = near;
        Range = ((maxValue + (2 * near)) / ((2 * near) + 1)) + 1;
        RangeBits = BitsFor(Range);
        int sampleBits = Math.Max(2, BitsFor(maxValue + 1));
        Limit = 2 * (sampleBits + Math.Max(8, sampleBits));
        (int t1, int t2, int t3) = Defaults(maxValue, near);
        T1 = preset.T1 != 0 ? preset.T1 : t1;
        T2 = preset.T2 != 0 ? preset.T2 : t2;
        T3 = preset.T3 != 0 ? preset.T3 : t3;
        Reset = preset.Reset != 0 ? preset.Reset : DefaultReset;
    }

    public int MaxValue { get; }

    public int Near { get; }

    /// <summary>Number of different prediction errors.</summary>
    public int Range { get; }

    public int RangeBits { get; }

    /// <summary>Longest code in bits.</summary>
    public int Limit { get; }

    /// <summary>Where gradients change their class.</summary>
    public int T1 { get; }

    public int T2 { get; }

    public int T3 { get; }

    /// <summary>Samples after which the statistics of a context are halved.</summary>
    public int Reset { get; }

    /// <summary>A sample from its prediction and error, wrapped into the range (A.4.5, A.8).</summary>
    public int Reconstruct(int prediction, int error)
    {
        int step = (2 * Near) + 1;
        int value = prediction + (error * step);
        if (value < -Near)
            value += Range * step;
        else if (value > MaxValue + Near)
            value -= Range * step;
        return Math.Clamp(value, 0, MaxValue);
    }

    /// <summary>Class of a gradient, −4 to 4 (A.3.3).</summary>
    public int Quantize(int gradient)
    {
        int size = Math.Abs(gradient);
        int level = size <= Near ? 0 : size < T1 ? 1 : size < T2 ? 2 : size < T3 ? 3 : 4;
        return gradient < 0 ? -level : level;
    }

    // C.2.4.1.1.1.
    private static (int T1, int T2, int T3) Defaults(int maxValue, int near)
    {
        int t1;
        int t2;
        int t3;
        if (maxValue >= 128)
        {
            int factor = (Math.Min(maxValue, 4095) + 128) / 256;
            t1 = (factor * (3 - 2)) + 2;
            t2 = (factor * (7 - 3)) + 3;
            t3 = (factor * (21 - 4)) + 4;
        }
        else
        {
            int factor = 256 / (maxValue + 1);
            t1 = Math.Max(2, 3 / factor);
            t2 = Math.Max(3, 7 / factor);
            t3 = Math.Max(4, 21 / factor);
        }

        int Clamp(int value, int least) => value > maxValue || value < least ? least : value;
        t1 = Clamp(t1 + (3 * near), near + 1);
        t2 = Clamp(t2 + (5 * near), t1);
        t3 = Clamp(t3 + (7 * near), t2);
        return (t1, t2, t3);
    }

    private static int BitsFor(int values)
    {
        int bits = 0;
        while (1 << bits < values)
            bits++;
        return bits;
    }
}
