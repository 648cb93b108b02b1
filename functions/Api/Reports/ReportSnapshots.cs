using TumorFunctions.Api.Images;
using TumorFunctions.Api.Masks;
using TumorFunctions.Api.Results;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Reports;
using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Api.Reports;

/// <summary>Puts together what a report says of an image.</summary>
public sealed class ReportSnapshots(ImageDecoder decoder, MaskStore masks, ActiveModel models)
{
    /// <returns>The snapshot, and the grey levels of its picture.</returns>
    public async Task<(ReportSnapshot Snapshot, byte[] Slice)> TakeAsync(ImageRecord image, CancellationToken cancellationToken)
    {
        var volume = await decoder.DecodeAsync(image, cancellationToken);
        var inForce = image.Mask is { IsEmpty: false } kept ? kept : null;
        var mask = inForce is null ? null : await masks.ReadAsync(inForce, cancellationToken);
        var axes = AnatomicalAxes.ForViewing(volume.Geometry);
        var shown = mask is null ? null : axes.Apply(mask);
        var spacing = SpacingChoice.For(volume.Geometry, image.Facts);
        var lengths = spacing.Turned(axes);
        long[]? areas = shown is null
            ? null
            : [.. Enumerable.Range(0, shown.Depth).Select(z => (long)shown.Slice(z).Length - shown.Slice(z).Count((byte)0))];
        var slice = areas is null ? axes.Size.Depth / 2 : Array.IndexOf(areas, areas.Max());
        var (picture, pixels) = SlicePicture.Show(volume, axes, shown, slice, lengths.Y / lengths.X, BoxOn(image, inForce, slice));
        var measured = inForce is null
            ? MetricsService.Without(image)
            : MetricsService.Measure(image, volume, inForce, mask!);
        return (new ReportSnapshot
        {
            Facts = image.Facts,
            OriginalFilename = image.OriginalFilename,
            Diagnosis = image.Diagnosis,
            Width = image.Width,
            Height = image.Height,
            Depth = image.Depth,
            AnnotatedBy = image.Annotation?.AnnotatedByName,
            Mask = image.Mask,
            Spacing = lengths.Values,
            SpacingSource = spacing.Source,
            Measured = measured,
            Analysis = image.Analysis is { } analysis ? await DescribeAsync(analysis, cancellationToken) : null,
            Picture = picture,
            Histogram = mask is not null && IntensityHistogram.Count(volume, mask) is { } counted
                ? new SnapshotChart(counted.From, counted.To, counted.Tumour, counted.Rest)
                : null,
            SliceAreas = areas is { Length: > 1 } ? [.. areas.Select(pixelCount => pixelCount * lengths.X * lengths.Y)] : null,
            Notes = [.. volume.Notes.Concat(spacing.Notes).Concat(measured.Notes).Distinct()],
        }, pixels);
    }

    private static int[]? BoxOn(ImageRecord image, MeasuredMask? mask, int slice)
    {
        if (mask?.Source != MeasuredMask.Model || image.Analysis is not { } analysis)
        {
            return null;
        }

        var boxes = analysis.Detections.Where(found => found.Slice == slice).Select(found => found.Bbox).ToList();
        return boxes.Count == 0
            ? null
            : [boxes.Min(box => box[0]), boxes.Min(box => box[1]), boxes.Max(box => box[2]), boxes.Max(box => box[3])];
    }

    private async Task<AnalysedWith> DescribeAsync(AnalysisOutcome analysis, CancellationToken cancellationToken)
    {
        ModelCard? card = null;
        try
        {
            card = (await models.LoadAsync(analysis.Model, cancellationToken)).Card;
        }
        catch (ModelException)
        {
            // Deleted since the analysis: the report names it, and has no figures of it.
        }

        return new AnalysedWith
        {
            Model = analysis.Model,
            Version = card?.Version,
            AnalysedAt = analysis.AnalysedAt,
            ConfidenceThreshold = analysis.ConfidenceThreshold,
            ConfidenceScore = analysis.ConfidenceScore,
            TumorDetected = analysis.TumorDetected,
            Dice = card?.Metrics?.DiceSliceMean,
            Iou = card?.Metrics?.IouMean,
            MaskMap50 = card?.Metrics?.MaskMap50,
            MaskMap50To95 = card?.Metrics?.MaskMap50To95,
            Sensitivity = card?.Metrics?.Sensitivity,
            Accuracy = card?.Metrics?.Accuracy,
            Limitations = card?.Limitations,
        };
    }
}
