using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Imaging.Filters;

namespace TumorFunctions.Core.Tests.Imaging.Filters;

/// <summary>Pictures to filter: noise, and a head-like phantom with edges, ramps, texture and speckles.</summary>
internal static class FilterImages
{
    public static readonly (int Width, int Height)[] Sizes = [(1, 1), (3, 2), (17, 9), (64, 32), (131, 77)];

    public static GreyImage Create(string kind, int bits, int width, int height, int seed = 1)
    {
        Random random = new(seed);
        int max = (1 << bits) - 1;
        ushort[] levels = new ushort[width * height];
        for (int i = 0; i < levels.Length; i++)
        {
            double value = kind switch
            {
                "noise" => random.NextDouble(),
                "flat" => 0.3,
                "extremes" => random.Next(2),
                "dark" => 0.06 * random.NextDouble(),
                _ => Phantom(i % width / (double)width, i / width / (double)height, random),
            };
            levels[i] = (ushort)Math.Round(value * max);
        }

        return new GreyImage(levels, width, height, bits);
    }

    /// <summary>The sample that the documentation uses.</summary>
    public static GreyImage RealSlice()
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "patient_scan.png"));
        Volume volume = ImageReader.Read(file);
        return new GreyImage([.. volume.Voxels.Select(v => (ushort)Math.Clamp(v, 0, 255))], volume.Width, volume.Height, 8);
    }

    /// <summary>Every pixel within one level, and the share that is equal.</summary>
    public static double AssertWithinOne(ushort[] expected, GreyImage actual)
    {
        Assert.Equal(expected.Length, actual.Levels.Length);
        int equal = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - actual.Levels[i]) <= 1,
                $"{actual.Width}×{actual.Height}: ({i % actual.Width}, {i / actual.Width}) is {actual.Levels[i]}, not {expected[i]}.");
            equal += expected[i] == actual.Levels[i] ? 1 : 0;
        }

        return (double)equal / expected.Length;
    }

    private static double Phantom(double x, double y, Random random)
    {
        double radius = Math.Sqrt(Math.Pow((x - 0.5) / 0.42, 2) + Math.Pow((y - 0.5) / 0.47, 2));
        double value = radius > 1 ? 0 : radius > 0.93 ? 0.9 : 0.35 + (0.2 * x) + (0.05 * Math.Sin(40 * y));
        if (Math.Pow(x - 0.62, 2) + Math.Pow(y - 0.4, 2) < 0.01)
            value = 0.8;
        if (random.Next(200) == 0)
            value = random.NextDouble();
        return Math.Clamp(value + (radius > 1 ? 0.01 : 0.03 * (random.NextDouble() - 0.5)), 0, 1);
    }
}
