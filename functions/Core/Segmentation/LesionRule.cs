using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Segmentation;

/// <summary>
/// Which of the regions that a model found slice by slice are taken for tumour in a volume: the 26-connected components of the
/// stacked masks that reach over at least <paramref name="MinSlices"/> slices, and those of fewer in which the model was surer
/// than <paramref name="LoneSliceConfidence"/>. What a slice's neighbours contradict is more often noise than a lesion thinner
/// than the slice distance. A single slice has no neighbours: there every region is kept.
/// </summary>
/// <param name="MinSlices">From 1, which keeps everything.</param>
/// <param name="LoneSliceConfidence">Score from 0 to 1 that a component's surest detection must reach.</param>
public sealed record LesionRule(int MinSlices = 2, double LoneSliceConfidence = 0.5)
{
    public static LesionRule Default { get; } = new();

    /// <summary>Takes what the rule drops out of the mask.</summary>
    /// <param name="mask">The slices' masks, stacked; changed in place.</param>
    /// <param name="detections">Of each slice of the mask.</param>
    /// <exception cref="ArgumentException">There are not as many lists of detections as slices.</exception>
    public Lesions Apply(Mask mask, IReadOnlyList<IReadOnlyList<Detection>> detections)
    {
        if (detections.Count != mask.Depth)
            throw new ArgumentException($"There are detections of {detections.Count} slices, and {mask.Depth} slices.", nameof(detections));

        var components = MaskComponents.Find(mask);
        var peaks = new float[components.Items.Count];
        var touched = new List<(int Slice, Detection Detection, int[] Components)>();
        for (var z = 0; z < mask.Depth; z++)
        {
            foreach (var detection in detections[z])
            {
                var held = ComponentsOf(detection, z, components);
                foreach (var component in held)
                    peaks[component] = Math.Max(peaks[component], detection.Confidence);
                touched.Add((z, detection, held));
            }
        }

        bool Keeps(MaskComponent component) =>
            mask.Depth == 1 || component.SliceCount >= MinSlices || peaks[component.Index] >= LoneSliceConfidence;

        var kept = components.Items.Where(Keeps).ToArray();
        var keptIndices = kept.Select(component => component.Index).ToHashSet();
        foreach (var component in components.Items.Where(component => !keptIndices.Contains(component.Index)))
            components.Erase(component);
        return new Lesions(
            mask,
            [.. kept.Select(component => new Lesion(component.VoxelCount, component.Box, peaks[component.Index]))],
            [.. touched
                .Where(item => mask.Depth == 1 || item.Components.Any(keptIndices.Contains))
                .Select(item => new SliceDetection(item.Slice, item.Detection))],
            components.Items.Count - kept.Length);
    }

    // Every run of a detection lies within one run of the union.
    private static int[] ComponentsOf(Detection detection, int z, MaskComponents components)
    {
        var held = new HashSet<int>();
        var runs = detection.Mask.Runs;
        for (var i = 0; i < runs.Count; i += 3)
        {
            if (components.At(runs[i + 1], runs[i], z) is { } component)
                held.Add(component);
        }

        return [.. held];
    }
}

/// <summary>A finding on one slice of a volume.</summary>
public sealed record SliceDetection(int Slice, Detection Detection);

/// <param name="PeakConfidence">Score of the surest detection that has part in it.</param>
public sealed record Lesion(long VoxelCount, VoxelBox Box, float PeakConfidence);

/// <summary>What is taken for tumour.</summary>
/// <param name="Items">Largest first: the first is the primary lesion.</param>
/// <param name="Detections">Those that have part in a lesion, slice by slice.</param>
/// <param name="Dropped">Number of components that were not kept.</param>
public sealed record Lesions(Mask Mask, IReadOnlyList<Lesion> Items, IReadOnlyList<SliceDetection> Detections, int Dropped);
