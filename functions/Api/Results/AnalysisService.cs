using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;
using TumorFunctions.Api.Masks;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Api.Results;

/// <summary>Finds, outlines and measures the tumour of an uploaded image, and keeps the outcome on its record.</summary>
public sealed class AnalysisService(
    ImageService images,
    ImageStore store,
    ImageDecoder decoder,
    MaskStore masks,
    MaskMeasurer measurer,
    ActiveModel models,
    SliceAnalyzer analyzer,
    TimeProvider time,
    ILogger<AnalysisService> logger)
{
    private static readonly string[] Fields = ["conf", "weightPath"];

    public async Task<AnalysisAnswer> AnalyzeAsync(int imageId, HttpRequest request, Caller caller)
    {
        var clock = Stopwatch.StartNew();
        var cancellationToken = request.HttpContext.RequestAborted;
        var choice = ModelChoice.Read(await RequestFields.ReadJsonAsync(request, Fields));
        var image = (await images.FindVisibleAsync(imageId, caller, cancellationToken)).Value;
        using var held = await models.OpenAsync(choice.WeightPath, cancellationToken);
        var model = held.Info;
        var confidence = choice.ConfidenceFor(model);

        var volume = await decoder.DecodeAsync(image, cancellationToken);
        var axes = AnatomicalAxes.ForViewing(volume.Geometry);
        var found = await analyzer.SegmentAsync(volume, axes, held, new SegmentationOptions(confidence), cancellationToken);
        var drawn = found.Lesions.Items.Count > 0
            ? await measurer.MeasureAsync(
                image, volume, new ShownMask(axes, found.Lesions.Mask, found.Lesions.Items), MeasuredMask.Model, cancellationToken)
            : null;
        var outcome = Describe(image, volume, axes, found, drawn, confidence, model);
        var saved = await SaveAsync(image, outcome, drawn, cancellationToken);
        logger.ImageAnalysed(imageId, model.Name, outcome.Detections.Count, clock.ElapsedMilliseconds);
        return Answer(saved, outcome, drawn, axes);
    }

    private AnalysisOutcome Describe(
        ImageRecord image, Volume volume, AnatomicalAxes axes, VolumeSegmentation found, DrawnMask? drawn, double confidence, ModelInfo model)
    {
        var spacing = SpacingChoice.For(volume.Geometry, image.Facts);
        List<string> notes = [.. volume.Notes, .. spacing.Notes];
        if (found.Lesions.Dropped > 0)
        {
            notes.Add($"{found.Lesions.Dropped} 处区域只出现在少数切片上且置信度低，未计入肿瘤");
        }

        if (drawn is null)
        {
            notes.Add("未检出肿瘤，因此没有掩膜和测量值");
        }

        var detections = found.Lesions.Detections;
        return new AnalysisOutcome
        {
            TumorDetected = drawn is not null,
            ConfidenceScore = Math.Round(
                drawn is null ? found.PeakConfidence : detections.Max(item => item.Detection.Confidence), 4),
            BoundingBox = drawn is null ? null : DetectionOutcomes.BoxAround(detections),
            Detections = drawn is null ? [] : DetectionOutcomes.Of(detections),
            Mask = drawn?.Measured,
            Spacing = spacing.Turned(axes).Values,
            SpacingSource = spacing.Source,
            ConfidenceThreshold = confidence,
            Model = model.Name,
            Device = model.Device,
            Notes = notes,
            AnalysedAt = time.GetUtcNow(),
        };
    }

    private async Task<ImageRecord> SaveAsync(
        ImageRecord image, AnalysisOutcome outcome, DrawnMask? drawn, CancellationToken cancellationToken)
    {
        if (drawn is null)
        {
            return await ChangeAsync();
        }

        return await masks.WithAsync(image, drawn, ChangeAsync, cancellationToken);

        async Task<ImageRecord> ChangeAsync()
        {
            var changed = await store.ChangeAsync(
                image.ImageId, record => record with { Analysis = outcome, UpdatedAt = time.GetUtcNow() }, cancellationToken)
                ?? throw new NotFoundException("影像不存在");
            await masks.DropReplacedAsync(changed.Before, changed.After);
            return changed.After;
        }
    }

    private static AnalysisAnswer Answer(ImageRecord saved, AnalysisOutcome outcome, DrawnMask? drawn, AnatomicalAxes axes)
    {
        // A clinician's mask goes on being what is measured.
        var measured = saved.Annotation?.Mask ?? outcome.Mask;
        var own = measured == outcome.Mask;
        return new AnalysisAnswer
        {
            ImageId = saved.ImageId,
            TumorDetected = outcome.TumorDetected,
            ConfidenceScore = outcome.ConfidenceScore,
            BoundingBox = outcome.BoundingBox,
            SegmentationMask = drawn is null ? null : DataUrl.OfPng(drawn.Png),
            Slice = outcome.Mask?.Slice,
            View = ViewNames.Of(axes),
            MaskUrl = outcome.Mask is { } mask ? ImageUrls.Of(mask.VolumeFilename) : null,
            MeasurementsFrom = measured?.Source,
            TumorVolume = measured?.TumorVolume,
            TumorArea = measured?.TumorArea,
            MaxDiameter = measured?.MaxDiameter,
            BoundingBox3D = measured?.BoundingBox3D,
            LesionCount = measured?.LesionCount ?? 0,
            Lesions = measured?.Lesions ?? [],
            RadiomicsFeatures = measured?.RadiomicsFeatures ?? new Dictionary<string, double?>(),
            Detections = outcome.Detections,
            Spacing = outcome.Spacing,
            SpacingSource = outcome.SpacingSource,
            Model = outcome.Model,
            Device = outcome.Device,
            Notes = own ? outcome.Notes : [.. outcome.Notes, .. measured?.Notes ?? [], "测量值来自医生绘制的掩膜"],
        };
    }
}
