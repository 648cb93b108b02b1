namespace TumorFunctions.Core.Imaging.Dicom;

/// <summary>The order and distance of slices, found from their planes.</summary>
/// <param name="Order">The planes that make up the volume, by index, in their order.</param>
/// <param name="Distance">Slice distance in mm; null where the planes do not tell.</param>
/// <param name="Direction">Unit vector from slice to slice; null without orientations.</param>
/// <param name="Gap">The step, counted in <paramref name="Order"/>, behind which slices are missing or not evenly spaced; null where there is none.</param>
internal sealed record DicomStack(int[] Order, double? Distance, double[]? Direction, int? Gap)
{
    /// <summary>Steps may differ from the usual one by so much of it: positions are written with few digits.</summary>
    private const double Tolerance = 0.1;

    // Planes closer than this, in mm, are one place.
    private const double SamePlace = 1e-3;

    public static DicomStack Of(IReadOnlyList<DicomPlane> planes)
    {
        int[] asStored = [.. Enumerable.Range(0, planes.Count)];
        if (planes.Any(p => p.Position is null || p.Orientation is null) || planes.Any(p => !p.IsParallelTo(planes[0])))
            return new DicomStack(asStored, null, planes[0].Normal, null);

        double[] normal = planes[0].Normal!;
        double[] along = [.. planes.Select(p => p.Along(normal))];
        int[] sorted = [.. asStored.OrderBy(i => along[i])];

        // Of several images at one place the first stored is kept.
        List<int> order = [];
        foreach (int i in sorted)
        {
            if (order.Count == 0 || along[i] - along[order[^1]] > SamePlace)
                order.Add(i);
        }

        if (order.Count == 1)
            return new DicomStack(asStored, null, normal, null);

        double[] steps = [.. order.Skip(1).Select((i, n) => along[i] - along[order[n]])];
        double usual = steps.Order().ElementAt((steps.Length - 1) / 2);
        int gap = Array.FindIndex(steps, step => Math.Abs(step - usual) > Tolerance * usual);

        // Over the whole stack rounding averages out.
        double distance = gap < 0 ? steps.Sum() / steps.Length : usual;
        return new DicomStack([.. order], Math.Round(distance, 6), normal, gap < 0 ? null : gap);
    }
}
