using System.Runtime.InteropServices;

namespace TumorFunctions.Core.Segmentation;

/// <summary>
/// Greedy non-maximum suppression within each class. Ultralytics keeps classes apart by shifting their boxes 7680 pixels each,
/// which comes to the same for boxes that are smaller, but costs precision where there are many classes. As there, only the
/// best 30000 candidates are looked at.
/// </summary>
internal static class NonMaxSuppression
{
    private const int MaxCandidates = 30_000;

    /// <summary>Sorts the candidates best first and returns those that no better one of their class overlaps by more than the limit.</summary>
    public static List<Candidate> Select(List<Candidate> candidates, float limit, int maxDetections)
    {
        candidates.Sort();
        var sorted = CollectionsMarshal.AsSpan(candidates);
        sorted = sorted[..Math.Min(sorted.Length, MaxCandidates)];
        var kept = new List<Candidate>();
        foreach (ref readonly var candidate in sorted)
        {
            if (OverlapsAny(CollectionsMarshal.AsSpan(kept), candidate, limit))
                continue;
            kept.Add(candidate);
            if (kept.Count == maxDetections)
                break;
        }

        return kept;
    }

    private static bool OverlapsAny(ReadOnlySpan<Candidate> kept, in Candidate candidate, float limit)
    {
        var box = candidate.Box;
        var area = box.Width * box.Height;
        foreach (ref readonly var better in kept)
        {
            var other = better.Box;
            var width = MathF.Min(box.X1, other.X1) - MathF.Max(box.X0, other.X0);
            var height = MathF.Min(box.Y1, other.Y1) - MathF.Max(box.Y0, other.Y0);
            if (width <= 0 || height <= 0 || better.ClassId != candidate.ClassId)
                continue;
            var overlap = width * height;
            if (overlap / (area + (other.Width * other.Height) - overlap) > limit)
                return true;
        }

        return false;
    }
}
