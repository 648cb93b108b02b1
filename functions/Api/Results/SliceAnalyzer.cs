using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Api.Results;

/// <summary>Runs a model over every slice of a volume and puts the slices' masks together.</summary>
public sealed class SliceAnalyzer(ISegmentationEngine engine)
{
    /// <summary>Slices windowed and inferred at a time, so that a large volume needs little memory beside itself.</summary>
    private const int BatchSize = 16;

    public async Task<VolumeSegmentation> SegmentAsync(
        Volume volume, string model, SegmentationOptions options, CancellationToken cancellationToken)
    {
        var window = Greyscale.ChooseWindow(volume);
        var sliceLength = volume.Width * volume.Height;
        var mask = new byte[checked(sliceLength * volume.Depth)];
        List<Detection> detections = [];
        var peak = 0f;
        for (var first = 0; first < volume.Depth; first += BatchSize)
        {
            var count = Math.Min(BatchSize, volume.Depth - first);
            var slices = new GreySlice[count];
            for (var i = 0; i < count; i++)
            {
                var pixels = new byte[sliceLength];
                Greyscale.Apply(volume.Slice(first + i), window, pixels);
                slices[i] = new GreySlice(pixels, volume.Width, volume.Height);
            }

            var results = await engine.SegmentAsync(model, slices, options, cancellationToken);
            for (var i = 0; i < count; i++)
            {
                results[i].Mask.Voxels.CopyTo(mask, (first + i) * sliceLength);
                detections.AddRange(results[i].Detections);
                peak = Math.Max(peak, results[i].PeakConfidence);
            }
        }

        return new VolumeSegmentation(detections, new Mask(mask, volume.Width, volume.Height, volume.Depth), peak);
    }
}

/// <param name="Detections">Of all slices, in their order.</param>
/// <param name="Mask">On the grid of the volume.</param>
/// <param name="PeakConfidence">Highest score of any candidate, also of those below the threshold.</param>
public sealed record VolumeSegmentation(IReadOnlyList<Detection> Detections, Mask Mask, float PeakConfidence);
