using System.Buffers;
using System.Text.Json;
using Microsoft.Extensions.Options;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;
using TumorFunctions.Api.Masks;
using TumorFunctions.Api.Preop;
using TumorFunctions.Api.Results;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Api.Segmentation;

/// <summary>The steps of one image's analysis, each from what the one before left in blobs.</summary>
public sealed class ItemWorker(
    ImageStore images,
    ImageDecoder decoder,
    ActiveModel models,
    SliceAnalyzer analyzer,
    AnalysisRecorder recorder,
    MaskMeasurer measurer,
    SurfaceService surfaces,
    JobScratch scratch,
    IOptions<JobOptions> options)
{
    /// <summary>Reads the image and settles what the steps after this one keep to.</summary>
    public async Task<ItemPlan> FetchAsync(ItemInput item, CancellationToken cancellationToken)
    {
        using var model = await models.OpenAsync(item.WeightPath, cancellationToken);
        var (_, _, axes) = await FindAsync(item, cancellationToken);
        return new ItemPlan(
            null,
            model.Info.Name,
            model.Info.Device,
            new ModelChoice(item.WeightPath, item.Confidence).ConfidenceFor(model.Info),
            axes.Size.Width,
            axes.Size.Height,
            axes.Size.Depth,
            SlicesPerChunk(model.Info),
            options.Value.ChunksInFlight);
    }

    /// <summary>Writes the slices as the model sees them.</summary>
    public async Task PrepareAsync(PlannedItem input, CancellationToken cancellationToken)
    {
        var (image, _, axes) = await FindAsync(input.Item, cancellationToken);
        var volume = await decoder.DecodeAsync(image, cancellationToken);
        await using var slices = new SliceStackStream(volume, axes);
        await scratch.WriteBytesAsync(input.Item, JobScratch.Slices, slices, cancellationToken);
        await scratch.WriteAsync(input.Item, JobScratch.Remarks, volume.Notes, cancellationToken);
    }

    /// <summary>Runs the model over some slices and writes what it found.</summary>
    public async Task InferAsync(ChunkInput input, CancellationToken cancellationToken)
    {
        var (item, plan, chunk) = input;
        var size = plan.Width * plan.Height;
        var count = plan.SlicesOf(chunk);
        var pixels = ArrayPool<byte>.Shared.Rent(size * count);
        try
        {
            await using (var blob = await scratch.OpenAsync(item, JobScratch.Slices, cancellationToken))
            {
                blob.Stream.Position = (long)chunk * plan.SlicesPerChunk * size;
                await blob.Stream.ReadExactlyAsync(pixels.AsMemory(0, size * count), cancellationToken);
            }

            using var model = await models.OpenAsync(plan.Model, cancellationToken);
            var findings = new List<SliceFindings>(count);
            var batch = SliceAnalyzer.BatchSize(model.Info);
            while (findings.Count < count)
            {
                var slices = Enumerable.Range(findings.Count, Math.Min(batch, count - findings.Count))
                    .Select(i => new GreySlice(pixels.AsMemory(i * size, size), plan.Width, plan.Height)).ToArray();
                var results = await model.SegmentAsync(slices, new SegmentationOptions(plan.Confidence), cancellationToken);
                findings.AddRange(results.Select(result => new SliceFindings(
                    MaskRuns.Of(result.Mask), result.Detections, result.PeakConfidence)));
            }

            await scratch.WriteAsync(item, JobScratch.ChunkName(chunk), new ChunkFindings(findings), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(pixels);
        }
    }

    /// <summary>Puts the findings together and measures them; whether there is a tumour.</summary>
    public async Task<bool> MeasureAsync(PlannedItem input, CancellationToken cancellationToken)
    {
        var (item, plan) = input;
        var (image, geometry, axes) = await FindAsync(item, cancellationToken);
        var remarks = await scratch.ReadAsync<string[]>(item, JobScratch.Remarks, cancellationToken);
        var mask = Mask.Empty(plan.Width, plan.Height, plan.Depth);
        var detections = new List<IReadOnlyList<Detection>>(plan.Depth);
        var peaks = new List<float>(plan.Depth);
        for (var chunk = 0; chunk < plan.Chunks; chunk++)
        {
            var findings = await scratch.ReadAsync<ChunkFindings>(item, JobScratch.ChunkName(chunk), cancellationToken);
            foreach (var slice in findings.Slices)
            {
                slice.Union.AddTo(mask, detections.Count);
                detections.Add(slice.Detections);
                peaks.Add(slice.Peak);
            }
        }

        var found = analyzer.Gather(mask, detections, peaks);
        var sized = found.Lesions.Items.Count > 0
            ? measurer.Size(image, geometry, new ShownMask(axes, found.Lesions.Mask, found.Lesions.Items), MeasuredMask.Model)
            : null;
        var run = new ModelRun(plan.Model, plan.Device, plan.Confidence);
        var outcome = recorder.Describe(image, geometry, remarks, found, sized, run) with { Run = item.Run };
        var runs = Enumerable.Range(0, sized is null ? 0 : mask.Depth).Select(z => MaskRuns.Of(mask, z)).ToArray();
        await scratch.WriteAsync(item, JobScratch.Measured, new MeasuredFindings(outcome, runs), cancellationToken);
        return sized is not null;
    }

    /// <summary>Computes the radiomics features of what was found.</summary>
    public async Task ExtractFeaturesAsync(PlannedItem input, CancellationToken cancellationToken)
    {
        var (image, _, axes) = await FindAsync(input.Item, cancellationToken);
        var (_, shown) = await ReadMeasuredAsync(input, axes, cancellationToken);
        var volume = await decoder.DecodeAsync(image, cancellationToken);
        var features = MaskMeasurer.Describe(image, volume, axes.Restore(shown.Mask), cancellationToken);
        await scratch.WriteAsync(input.Item, JobScratch.Features, features, cancellationToken);
    }

    /// <summary>Keeps analysis and mask on the record, and the answer for the job.</summary>
    public async Task SaveAsync(PlannedItem input, CancellationToken cancellationToken)
    {
        var item = input.Item;
        var (image, geometry, axes) = await FindAsync(item, cancellationToken);
        var (outcome, shown) = await ReadMeasuredAsync(input, axes, cancellationToken);
        DrawnMask? drawn = null;
        if (outcome.Mask is { } sized)
        {
            var features = await scratch.ReadAsync<Dictionary<string, double?>>(item, JobScratch.Features, cancellationToken);
            var measured = MaskMeasurer.Named(image, sized with { RadiomicsFeatures = features });
            drawn = MaskMeasurer.Draw(measured, geometry, shown);
            outcome = outcome with { Mask = measured };
        }

        var saved = image.Analysis?.Run == item.Run ? image : await recorder.SaveAsync(image, outcome, drawn, cancellationToken);
        // An attempt before this one may have kept it under other names.
        var kept = saved.Analysis?.Run == item.Run ? saved.Analysis : outcome;
        using var answer = new MemoryStream(
            JsonSerializer.SerializeToUtf8Bytes(AnalysisService.Answer(saved, kept, drawn, axes), ApiJson.Options), writable: false);
        await scratch.KeepResultAsync(item, answer, cancellationToken);
    }

    /// <summary>Builds the surface of the mask in force, for the surgical planning to find.</summary>
    public async Task BuildSurfaceAsync(PlannedItem input, CancellationToken cancellationToken)
    {
        var (image, _, _) = await FindAsync(input.Item, cancellationToken);
        await surfaces.EnsureAsync(image, await decoder.DecodeAsync(image, cancellationToken), cancellationToken);
    }

    public Task CleanUpAsync(ItemInput item, CancellationToken cancellationToken) => scratch.DeleteAsync(item, cancellationToken);

    private int SlicesPerChunk(ModelInfo model)
    {
        var batch = SliceAnalyzer.BatchSize(model);
        var most = Math.Max(1, options.Value.MaxSlicesPerChunk / batch);
        var slices = options.Value.ChunkSeconds / Math.Max(model.Latency.TotalSeconds, 1e-6);
        return batch * (int)Math.Clamp(slices / batch, 1, most);
    }

    private async Task<(ImageRecord Image, VolumeGeometry Geometry, AnatomicalAxes Axes)> FindAsync(
        ItemInput item, CancellationToken cancellationToken)
    {
        var image = (await images.FindAsync(item.ImageId, cancellationToken))?.Value ?? throw new NotFoundException("影像不存在");
        var geometry = await decoder.ReadGeometryAsync(image, cancellationToken);
        return (image, geometry, AnatomicalAxes.ForViewing(geometry));
    }

    private async Task<(AnalysisOutcome Outcome, ShownMask Shown)> ReadMeasuredAsync(
        PlannedItem input, AnatomicalAxes axes, CancellationToken cancellationToken)
    {
        var measured = await scratch.ReadAsync<MeasuredFindings>(input.Item, JobScratch.Measured, cancellationToken);
        var mask = Mask.Empty(input.Plan.Width, input.Plan.Height, input.Plan.Depth);
        for (var z = 0; z < measured.Mask.Count; z++)
        {
            measured.Mask[z].AddTo(mask, z);
        }

        return (measured.Outcome, new ShownMask(axes, mask));
    }
}
