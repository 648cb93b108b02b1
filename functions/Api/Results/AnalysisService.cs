using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Radiomics;
using TumorFunctions.Core.Segmentation;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Results;

/// <summary>Finds, outlines and measures the tumour of an uploaded image, and keeps the outcome on its record.</summary>
public sealed class AnalysisService(
    ImageService images,
    ImageStore store,
    ImageFiles files,
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
        var model = await models.LoadAsync(choice.WeightPath, cancellationToken);
        var confidence = choice.ConfidenceFor(model);

        var volume = await DecodeAsync(image, cancellationToken);
        var found = await analyzer.SegmentAsync(volume, model.Name, new SegmentationOptions(confidence), cancellationToken);
        var (outcome, maskPng) = await DescribeAsync(image, volume, found, confidence, model, cancellationToken);

        var saved = await SaveAsync(imageId, outcome, cancellationToken);
        if (!saved)
        {
            throw new NotFoundException("影像不存在");
        }

        logger.ImageAnalysed(imageId, model.Name, outcome.Detections.Count, clock.ElapsedMilliseconds);
        return new AnalysisAnswer(
            "分析完成",
            imageId,
            outcome.TumorDetected,
            outcome.ConfidenceScore,
            outcome.BoundingBox,
            maskPng is null ? null : DataUrl.OfPng(maskPng),
            outcome.TumorVolume,
            outcome.TumorArea,
            outcome.MaxDiameter,
            outcome.RadiomicsFeatures,
            outcome.Detections,
            outcome.Spacing,
            outcome.SpacingSource == SpacingChoice.Assumed,
            outcome.SpacingSource,
            outcome.Model,
            outcome.Device,
            outcome.Notes);
    }

    private async Task<Volume> DecodeAsync(ImageRecord image, CancellationToken cancellationToken)
    {
        try
        {
            await using var blob = await files.OpenAsync(image.Filename, cancellationToken);
            return ImageReader.Read(blob.Stream, ImageLimits.Default, cancellationToken);
        }
        catch (BlobNotFoundException)
        {
            // Deleted between the read of the record and now.
            throw new NotFoundException("影像不存在");
        }
    }

    private async Task<(AnalysisOutcome Outcome, byte[]? MaskPng)> DescribeAsync(
        ImageRecord image, Volume volume, VolumeSegmentation found, double confidence, ModelInfo model, CancellationToken cancellationToken)
    {
        var spacing = SpacingChoice.For(volume, image.Facts);
        var detected = found.Detections.Count > 0 && !found.Mask.IsEmpty;
        List<string> notes = [.. volume.Notes, .. spacing.Notes];
        MaskMeasurement? measured = null;
        IReadOnlyDictionary<string, double?> features = new Dictionary<string, double?>();
        byte[]? png = null;
        string? maskName = null;
        if (detected)
        {
            measured = MaskMeasurements.Measure(found.Mask, spacing.InPlane, spacing.SliceThickness);
            var radiomics = RadiomicsExtractor.Extract(volume, found.Mask, spacing.Voxel, cancellation: cancellationToken);
            features = Named(radiomics, thicknessKnown: spacing.SliceThickness is not null);
            png = EncodeMiddleSlice(found.Mask);
            maskName = $"{image.BlobKey}_mask_{Guid.NewGuid():N}.png";
            await files.WriteAsync(image.ImageId, maskName, "image/png", new MemoryStream(png, writable: false), cancellationToken);
        }
        else
        {
            notes.Add("未检出肿瘤，因此没有掩膜和测量值");
        }

        var outcome = new AnalysisOutcome
        {
            TumorDetected = detected,
            ConfidenceScore = Rounded(detected ? found.Detections.Max(detection => detection.Confidence) : found.PeakConfidence),
            BoundingBox = detected ? DetectionOutcomes.BoxAround(found.Detections) : null,
            Detections = DetectionOutcomes.Of(found.Detections),
            MaskFilename = maskName,
            TumorArea = measured?.AreaMm2,
            TumorVolume = measured?.VolumeMm3,
            MaxDiameter = volume.Depth > 1 ? measured?.MaxDiameter3DMm ?? measured?.MaxDiameterMm : measured?.MaxDiameterMm,
            RadiomicsFeatures = features,
            Spacing = spacing.Values,
            SpacingSource = spacing.Source,
            ConfidenceThreshold = confidence,
            Model = model.Name,
            Device = model.Device,
            Notes = notes,
            AnalysedAt = time.GetUtcNow(),
        };
        return (outcome, png);
    }

    private async Task<bool> SaveAsync(int imageId, AnalysisOutcome outcome, CancellationToken cancellationToken)
    {
        try
        {
            var changed = await store.ChangeAsync(
                imageId, image => image with { Analysis = outcome, UpdatedAt = time.GetUtcNow() }, cancellationToken);
            var dropped = changed is null ? outcome.MaskFilename : changed.Value.Before.Analysis?.MaskFilename;
            if (dropped is not null)
            {
                await files.TryDeleteAsync(dropped);
            }

            return changed is not null;
        }
        catch when (outcome.MaskFilename is not null)
        {
            await files.TryDeleteAsync(outcome.MaskFilename);
            throw;
        }
    }

    // The reference's short names first, then every feature under its full name. What needs a third dimension is null without one.
    private static Dictionary<string, double?> Named(RadiomicsResult radiomics, bool thicknessKnown)
    {
        var named = new Dictionary<string, double?>(radiomics.ReferenceNames);
        foreach (var feature in radiomics.Features)
        {
            var needsThickness = feature.Name.StartsWith("shape_", StringComparison.Ordinal) || feature.Name == "firstorder_TotalEnergy";
            named[feature.Name] = needsThickness && !thicknessKnown ? null : feature.Value;
        }

        return named;
    }

    // Of the slices that hold tumour the one in the middle; of a single image the image.
    private static byte[] EncodeMiddleSlice(Mask mask)
    {
        var slices = Enumerable.Range(0, mask.Depth).Where(z => mask.Slice(z).ContainsAnyExcept((byte)0)).ToArray();
        var slice = mask.Slice(slices[slices.Length / 2]);
        var grey = new byte[slice.Length];
        for (var i = 0; i < grey.Length; i++)
        {
            grey[i] = slice[i] == 0 ? (byte)0 : byte.MaxValue;
        }

        using var png = new MemoryStream();
        PngWriter.Write(png, grey, mask.Width, mask.Height);
        return png.ToArray();
    }

    private static double Rounded(float score) => Math.Round(score, 4);
}
