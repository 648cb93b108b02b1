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
    ImageDecoder decoder,
    MaskMeasurer measurer,
    ActiveModel models,
    SliceAnalyzer analyzer,
    AnalysisRecorder recorder,
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
        var run = new ModelRun(model.Name, model.Device, confidence);
        var outcome = recorder.Describe(image, volume.Geometry, volume.Notes, found, drawn?.Measured, run);
        var saved = await recorder.SaveAsync(image, outcome, drawn, cancellationToken);
        logger.ImageAnalysed(imageId, model.Name, outcome.Detections.Count, clock.ElapsedMilliseconds);
        return Answer(saved, outcome, drawn, axes);
    }

    public static AnalysisAnswer Answer(ImageRecord saved, AnalysisOutcome outcome, DrawnMask? drawn, AnatomicalAxes axes)
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
