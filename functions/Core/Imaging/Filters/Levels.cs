using System.Runtime.Intrinsics;

namespace TumorFunctions.Core.Imaging.Filters;

/// <summary>Rounding of filtered values to levels.</summary>
internal static class Levels
{
    /// <summary>The nearest level of each value, clamped to 0 … <paramref name="maxLevel"/>; halves go up.</summary>
    /// <param name="values">At least as long as <paramref name="levels"/>.</param>
    public static void Round(ReadOnlySpan<float> values, Span<ushort> levels, int maxLevel)
    {
        Vector128<float> top = Vector128.Create((float)maxLevel);
        int i = 0;
        for (; i <= levels.Length - 8; i += 8)
        {
            Vector128<uint> low = Level(Vector128.Create(values[i..]), top);
            Vector128<uint> high = Level(Vector128.Create(values[(i + 4)..]), top);
            Vector128.Narrow(low, high).CopyTo(levels[i..]);
        }

        for (; i < levels.Length; i++)
            levels[i] = (ushort)(Math.Clamp(values[i], 0, maxLevel) + 0.5f);
    }

    private static Vector128<uint> Level(Vector128<float> values, Vector128<float> top) =>
        Vector128.ConvertToInt32(Vector128.Clamp(values, Vector128<float>.Zero, top) + Vector128.Create(0.5f)).AsUInt32();
}
