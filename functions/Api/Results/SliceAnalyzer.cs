using System.Buffers;
using Microsoft.Extensions.Options;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Api.Results;

/// <summary>Runs a model over every slice of a volume, as a radiologist would see it, and puts the slices' findings together.</summary>
public sealed class SliceAnalyzer(IOptions<LesionOptions> options)
{
    /// <summary>
    /// Slices handed to the model at a time; it splits them where it takes fewer. A GPU is filled by several; the cores of a CPU are
    /// busy with one, and a batch takes them longer than its slices one by one.
    /// </summary>
    private const int GpuBatch = 8;

    /// <summary>
    /// Batches under way: while the network runs over one, the next is turned and windowed and the last one's masks are drawn. As many
    /// slices exist as grey pixels, whatever the depth of the volume.
    /// </summary>
    private const int BatchesInFlight = 2;

    /// <param name="axes">How the slices are shown.</param>
    /// <returns>On the grid of the slices as they are shown.</returns>
    public async Task<VolumeSegmentation> SegmentAsync(
        Volume volume, AnatomicalAxes axes, ISegmentationModel model, SegmentationOptions segmentation, CancellationToken cancellationToken)
    {
        var window = Greyscale.ChooseWindow(volume);
        var (width, height, depth) = axes.Size;
        var mask = Mask.Empty(width, height, depth);
        var detections = new IReadOnlyList<Detection>[depth];
        var peaks = new float[depth];
        var batchSize = BatchSize(model.Info);
        var batches = Enumerable.Range(0, (depth + batchSize - 1) / batchSize);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = BatchesInFlight, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(batches, parallel, async (batch, token) =>
        {
            var first = batch * batchSize;
            var slices = new GreySlice[Math.Min(batchSize, depth - first)];
            for (var i = 0; i < slices.Length; i++)
            {
                slices[i] = Show(volume, axes, first + i, window);
            }

            var results = await model.SegmentAsync(slices, segmentation, token);
            for (var i = 0; i < slices.Length; i++)
            {
                results[i].Mask.Voxels.CopyTo(mask.Voxels, (first + i) * width * height);
                detections[first + i] = results[i].Detections;
                peaks[first + i] = results[i].PeakConfidence;
            }
        });
        return Gather(mask, detections, peaks);
    }

    /// <summary>Slices that a model takes best at a time.</summary>
    public static int BatchSize(ModelInfo model) => model.Device == "cpu" ? 1 : GpuBatch;

    /// <summary>Puts the slices' findings together.</summary>
    /// <param name="mask">The slices' masks, stacked; what does not count as tumour is taken out of it.</param>
    /// <param name="detections">Of each slice.</param>
    /// <param name="peaks">Of each slice the highest score of any candidate.</param>
    public VolumeSegmentation Gather(Mask mask, IReadOnlyList<IReadOnlyList<Detection>> detections, IReadOnlyList<float> peaks) =>
        new(options.Value.Rule.Apply(mask, detections), peaks.Max());

    /// <summary>Writes slice <paramref name="z"/>, as it is shown, in 8-bit grey.</summary>
    public static void Show(Volume volume, AnatomicalAxes axes, int z, DisplayWindow window, Span<byte> pixels)
    {
        if (axes.IsIdentity)
        {
            Greyscale.Apply(volume.Slice(z), window, pixels);
            return;
        }

        var turned = ArrayPool<float>.Shared.Rent(pixels.Length);
        axes.Slice(volume, z, turned);
        Greyscale.Apply(turned.AsSpan(0, pixels.Length), window, pixels);
        ArrayPool<float>.Shared.Return(turned);
    }

    private static GreySlice Show(Volume volume, AnatomicalAxes axes, int z, DisplayWindow window)
    {
        var (width, height, _) = axes.Size;
        var pixels = new byte[width * height];
        Show(volume, axes, z, window, pixels);
        return new GreySlice(pixels, width, height);
    }
}

/// <param name="Lesions">What the rule for volumes kept.</param>
/// <param name="PeakConfidence">Highest score of any candidate, also of those below the threshold.</param>
public sealed record VolumeSegmentation(Lesions Lesions, float PeakConfidence);
