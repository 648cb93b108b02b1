namespace TumorFunctions.Core.Segmentation.Trial;

/// <summary>What a trial run may take.</summary>
/// <param name="MemoryBytes">Beyond what the empty process takes; at most three quarters of what the machine or container has.</param>
public sealed record TrialLimits(long MemoryBytes, TimeSpan Time)
{
    public static TrialLimits Default { get; } = new(4L << 30, TimeSpan.FromSeconds(120));

    internal long AllowedBytes => Math.Min(MemoryBytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4 * 3);
}
