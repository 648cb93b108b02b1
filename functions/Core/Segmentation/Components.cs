namespace TumorFunctions.Core.Segmentation;

/// <summary>A connected region of one class.</summary>
/// <param name="Confidence">Mean probability over its pixels.</param>
internal sealed record Component(int ClassId, float Confidence, long Area, BoundingBox Box, MaskRuns Mask);

/// <summary>8-connected components by runs and union-find (He, Chao, Suzuki 2008), two passes over the rows.</summary>
internal static class Components
{
    /// <param name="labels">1 + class a pixel, 0 for background.</param>
    public static List<Component> Find(ReadOnlySpan<byte> labels, ReadOnlySpan<float> probabilities, int width)
    {
        var runs = new List<Run>();
        var parents = new List<int>();
        var above = (Begin: 0, End: 0);
        for (var y = 0; y < labels.Length / width; y++)
        {
            var begin = runs.Count;
            AppendRuns(labels.Slice(y * width, width), y, runs);
            for (var i = begin; i < runs.Count; i++)
                parents.Add(i);
            Join(runs, parents, above, (begin, runs.Count));
            above = (begin, runs.Count);
        }

        var groups = new Dictionary<int, List<Run>>();
        for (var i = 0; i < runs.Count; i++)
        {
            var root = Root(parents, i);
            if (!groups.TryGetValue(root, out var group))
                groups.Add(root, group = []);
            group.Add(runs[i]);
        }

        var components = new List<Component>(groups.Count);
        foreach (var group in groups.Values)
            components.Add(Measure(group, probabilities, width));
        return components;
    }

    private static void AppendRuns(ReadOnlySpan<byte> row, int y, List<Run> runs)
    {
        for (var x = row.IndexOfAnyExcept((byte)0); x < row.Length && x >= 0;)
        {
            var length = row[x..].IndexOfAnyExcept(row[x]);
            var end = length < 0 ? row.Length : x + length;
            if (row[x] != 0)
                runs.Add(new Run(row[x], y, x, end));
            x = end;
        }
    }

    private static void Join(List<Run> runs, List<int> parents, (int Begin, int End) above, (int Begin, int End) here)
    {
        var a = above.Begin;
        for (var i = here.Begin; i < here.End; i++)
        {
            var run = runs[i];
            while (a < above.End && runs[a].End < run.Begin)
                a++;
            for (var k = a; k < above.End && runs[k].Begin <= run.End; k++)
            {
                if (runs[k].Label == run.Label)
                    parents[Root(parents, i)] = Root(parents, k);
            }
        }
    }

    private static int Root(List<int> parents, int i)
    {
        while (parents[i] != i)
            i = parents[i] = parents[parents[i]];
        return i;
    }

    private static Component Measure(List<Run> runs, ReadOnlySpan<float> probabilities, int width)
    {
        int left = int.MaxValue, right = 0;
        long area = 0;
        var sum = 0.0;
        var triples = new int[3 * runs.Count];
        for (var i = 0; i < runs.Count; i++)
        {
            var run = runs[i];
            left = Math.Min(left, run.Begin);
            right = Math.Max(right, run.End);
            area += run.End - run.Begin;
            foreach (var value in probabilities[((run.Row * width) + run.Begin)..((run.Row * width) + run.End)])
                sum += value;
            (triples[3 * i], triples[(3 * i) + 1], triples[(3 * i) + 2]) = (run.Row, run.Begin, run.End);
        }

        var box = new BoundingBox(left, runs[0].Row, right, runs[^1].Row + 1);
        return new Component(runs[0].Label - 1, (float)(sum / area), area, box, new MaskRuns(triples));
    }

    private readonly record struct Run(byte Label, int Row, int Begin, int End);
}
