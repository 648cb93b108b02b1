using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Benchmarks.Segmentation;

/// <summary>A head-like phantom: skull, brain, and a bright enhancing disk, with noise.</summary>
internal static class SyntheticSlice
{
    public static GreySlice Create(int side)
    {
        var random = new Random(3);
        var pixels = new byte[side * side];
        for (var i = 0; i < pixels.Length; i++)
        {
            double x = ((i % side) - (side / 2.0)) / side, y = ((i / side) - (side / 2.0)) / side;
            var radius = Math.Sqrt((x * x) + (y * y * 0.8));
            var tumour = Math.Sqrt(((x - 0.1) * (x - 0.1)) + ((y + 0.08) * (y + 0.08)));
            var grey = tumour < 0.07 ? 190 : radius < 0.36 ? 80 : radius < 0.4 ? 140 : 4;
            pixels[i] = (byte)Math.Clamp(grey + random.Next(-12, 13), 0, 255);
        }

        return new GreySlice(pixels, side, side);
    }
}
