namespace TumorFunctions.Core.Segmentation;

/// <summary>A candidate as the network puts it: box in input pixels, best class and its score, and its row in the output.</summary>
public readonly record struct Candidate(BoundingBox Box, float Score, int ClassId, int Row);

/// <summary>Greedy non-maximum suppression: best score first, each kept box removes those of its class that overlap it too much.</summary>
public static class NonMaximumSuppression
{
    /// <summary>Only so many of the best candidates are looked at.</summary>
    public const int MaxCandidates = 30_000;

    /// <summary>The candidates kept, best first; equal scores keep the order they came in.</summary>
    public static List<Candidate> Apply(List<Candidate> candidates, double maxIoU, int maxDetections)
    {
        // List.Sort is not stable; the row breaks ties.
        candidates.Sort(static (a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Row.CompareTo(b.Row));
        List<Candidate> kept = [];
        foreach (var candidate in candidates.Take(MaxCandidates))
        {
            if (kept.Count == maxDetections)
            {
                break;
            }

            if (!kept.Exists(better => better.ClassId == candidate.ClassId && better.Box.IoU(candidate.Box) > maxIoU))
            {
                kept.Add(candidate);
            }
        }

        return kept;
    }
}
