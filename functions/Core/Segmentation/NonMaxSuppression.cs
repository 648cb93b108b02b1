using System.Runtime.InteropServices;

namespace TumorFunctions.Core.Segmentation;

/// <summary>
/// Greedy non-maximum suppression with Ultralytics' numbers: classes are kept apart by shifting their boxes 7680 pixels each,
/// and only the best 30000 candidates are looked at.
/// </summary>
internal static class NonMaxSuppression
{
    private const float ClassOffset = 7680;
    private const int MaxCandidates = 30_000;

    /// <summary>Sorts the candidates best first and returns those that no better one of their class overlaps by more than the limit.</summary>
    public static List<Candidate> Select(List<Candidate> candidates, float limit, int maxDetections)
    {
        candidates.Sort();
        var sorted = CollectionsMarshal.AsSpan(candidates);
        sorted = sorted[..Math.Min(sorted.Length, MaxCandidates)];
        var kept = new List<Candidate>();
        var shifted = new List<BoundingBox>();
        foreach (ref readonly var candidate in sorted)
        {
            var box = Shift(candidate.Box, candidate.ClassId * ClassOffset);
            if (OverlapsAny(CollectionsMarshal.AsSpan(shifted), box, limit))
                continue;
            kept.Add(candidate);
            shifted.Add(box);
            if (kept.Count == maxDetections)
                break;
        }

        return kept;
    }

    private static BoundingBox Shift(BoundingBox box, float by) => new(box.X0 + by, box.Y0 + by, box.X1 + by, box.Y1 + by);

    private static bool OverlapsAny(ReadOnlySpan<BoundingBox> kept, BoundingBox box, float limit)
    {
        var area = box.Width * box.Height;
        foreach (ref readonly var other in kept)
        {
            var width = MathF.Min(box.X1, other.X1) - MathF.Max(box.X0, other.X0);
            var height = MathF.Min(box.Y1, other.Y1) - MathF.Max(box.Y0, other.Y0);
            if (width <= 0 || height <= 0)
                continue;
            var overlap = width * height;
            if (overlap / (area + (other.Width * other.Height) - overlap) > limit)
                return true;
        }

        return false;
    }
}
