using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;
using TumorFunctions.Api.Masks;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Api.Results;

/// <summary>What a model was asked for, and what ran it.</summary>
public sealed record ModelRun(string Model, string Device, double Confidence);

/// <summary>Puts a model's findings into words and on the image's record, whichever way the analysis was asked for.</summary>
public sealed class AnalysisRecorder(ImageStore images, MaskStore masks, TimeProvider time)
{
    /// <param name="remarks">What is to be said of the volume.</param>
    /// <param name="measured">The mask of what was found; null where nothing was.</param>
    public AnalysisOutcome Describe(
        ImageRecord image,
        VolumeGeometry geometry,
        IReadOnlyList<string> remarks,
        VolumeSegmentation found,
        MeasuredMask? measured,
        ModelRun run)
    {
        var spacing = SpacingChoice.For(geometry, image.Facts);
        List<string> notes = [.. remarks, .. spacing.Notes];
        if (found.Lesions.Dropped > 0)
        {
            notes.Add($"{found.Lesions.Dropped} 处区域只出现在少数切片上且置信度低，未计入肿瘤");
        }

        if (measured is null)
        {
            notes.Add("未检出肿瘤，因此没有掩膜和测量值");
        }

        var detections = found.Lesions.Detections;
        return new AnalysisOutcome
        {
            TumorDetected = measured is not null,
            ConfidenceScore = Math.Round(
                measured is null ? found.PeakConfidence : detections.Max(item => item.Detection.Confidence), 4),
            BoundingBox = measured is null ? null : DetectionOutcomes.BoxAround(detections),
            Detections = measured is null ? [] : DetectionOutcomes.Of(detections),
            Mask = measured,
            Spacing = spacing.Turned(AnatomicalAxes.ForViewing(geometry)).Values,
            SpacingSource = spacing.Source,
            ConfidenceThreshold = run.Confidence,
            Model = run.Model,
            Device = run.Device,
            Notes = notes,
            AnalysedAt = time.GetUtcNow(),
        };
    }

    /// <summary>
    /// Keeps an outcome and its mask. One that a job has kept before, or that is older than the record's own, changes nothing.
    /// </summary>
    /// <param name="drawn">The outcome's mask, its blobs not yet written; null where nothing was found.</param>
    /// <returns>The record as it is now.</returns>
    /// <exception cref="NotFoundException">The image was deleted meanwhile.</exception>
    public async Task<ImageRecord> SaveAsync(
        ImageRecord image, AnalysisOutcome outcome, DrawnMask? drawn, CancellationToken cancellationToken)
    {
        return drawn is null ? await ChangeAsync() : await masks.WithAsync(image, drawn, ChangeAsync, cancellationToken);

        async Task<ImageRecord> ChangeAsync()
        {
            var (before, after) = await images.ChangeAsync(
                image.ImageId,
                record => Precedes(outcome, record.Analysis) ? record : record with { Analysis = outcome, UpdatedAt = time.GetUtcNow() },
                cancellationToken)
                ?? throw new NotFoundException("影像不存在");
            if (drawn is not null && after.Analysis?.Mask?.Version != drawn.Measured.Version)
            {
                await masks.DropAsync(drawn.Measured);
            }

            await masks.DropReplacedAsync(before, after);
            return after;
        }
    }

    private static bool Precedes(AnalysisOutcome outcome, AnalysisOutcome? kept) =>
        outcome.Run is { } run && kept is not null && (kept.Run == run || kept.AnalysedAt > outcome.AnalysedAt);
}
