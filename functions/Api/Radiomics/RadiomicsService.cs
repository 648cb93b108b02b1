using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;
using TumorFunctions.Api.Masks;
using TumorFunctions.Api.Results;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Radiomics;
using TumorFunctions.Core.Segmentation;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Radiomics;

/// <param name="Version">Of mask and options together, for the ETag.</param>
/// <param name="Cached">Whether the features had been computed before.</param>
public sealed record Extraction(IReadOnlyList<FeatureValue> Features, string MaskSource, string Version, bool Cached);

/// <summary>
/// Radiomic features of an image in its mask in force. They are kept beside the image under mask version and options, and asked for by
/// several at once they are computed once.
/// </summary>
public sealed class RadiomicsService(ImageService images, ImageFiles files, ImageDecoder decoder, MaskStore masks)
{
    /// <summary>Voxels of a resampled region, so that no request takes the memory of all others.</summary>
    private const double MaxResampledVoxels = 1 << 26;

    private readonly ConcurrentDictionary<string, Lazy<Task<IReadOnlyList<FeatureValue>>>> _underWay = new();

    public async Task<Extraction> ExtractAsync(HttpRequest request, Caller caller)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        var asked = ExtractionOptions.Read(request);
        var image = (await images.FindVisibleAsync(asked.ImageId, caller, cancellationToken)).Value;
        var mask = image.Mask ?? throw new NotFoundException("该影像没有掩膜：请先分析影像 (且检出肿瘤) 或上传掩膜");
        if (mask.IsEmpty)
        {
            throw new StateConflictException("EMPTY_MASK", "掩膜为空，没有可提取特征的区域", "医生绘制的掩膜表示没有肿瘤");
        }

        var key = asked.KeyFor(image.Facts.PixelSpacing, image.Facts.SliceThickness);
        var blobName = $"{image.DerivedPrefix(mask)}radiomics_{key}.json";
        var kept = await FindAsync(blobName, cancellationToken);
        var features = kept ?? await ComputeOnceAsync(blobName, () => ComputeAsync(image, mask, asked.Options, blobName), cancellationToken);
        return new Extraction(features, mask.Source, $"{mask.Version}-{key}", kept is not null);
    }

    private async Task<IReadOnlyList<FeatureValue>?> FindAsync(string blobName, CancellationToken cancellationToken)
    {
        try
        {
            await using var blob = await files.OpenAsync(blobName, cancellationToken);
            return await JsonSerializer.DeserializeAsync<List<FeatureValue>>(blob.Stream, ApiJson.Options, cancellationToken);
        }
        catch (BlobNotFoundException)
        {
            return null;
        }
    }

    // A caller that goes away does not take the work of the others with it.
    private async Task<IReadOnlyList<FeatureValue>> ComputeOnceAsync(
        string key, Func<Task<IReadOnlyList<FeatureValue>>> compute, CancellationToken cancellationToken)
    {
        var work = _underWay.GetOrAdd(key, _ => new Lazy<Task<IReadOnlyList<FeatureValue>>>(() => Task.Run(async () =>
        {
            try
            {
                return await compute();
            }
            finally
            {
                _underWay.TryRemove(key, out var _);
            }
        })));
        return await work.Value.WaitAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<FeatureValue>> ComputeAsync(
        ImageRecord image, MeasuredMask mask, RadiomicsOptions options, string blobName)
    {
        var volume = await decoder.DecodeAsync(image, CancellationToken.None);
        var region = await masks.ReadAsync(mask, CancellationToken.None);
        var spacing = SpacingChoice.For(volume.Geometry, image.Facts);
        RequireResampling(options.Resampling, region, spacing);
        IReadOnlyList<FeatureValue> features = FeatureTable.Of(
            RadiomicsExtractor.Extract(volume, region, spacing.Voxel, options), thicknessKnown: spacing.SliceThickness is not null);
        using var json = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(features, ApiJson.Options), writable: false);
        try
        {
            await files.WriteAsync(image.ImageId, blobName, "application/json", json, CancellationToken.None, recomputable: true);
        }
        catch (BlobConflictException)
        {
            // Another process computed the same.
        }

        return features;
    }

    private static void RequireResampling(VoxelSpacing? target, Mask region, SpacingChoice spacing)
    {
        if (target is not { } to)
        {
            return;
        }

        if (spacing.Source == SpacingChoice.Assumed || (region.Depth > 1 && to.Z > 0 && spacing.SliceThickness is null))
        {
            throw new StateConflictException(
                "NO_GEOMETRY", "影像的空间尺寸未知，无法按毫米重采样", "请通过 pixel_spacing 和 slice_thickness (mm) 提供");
        }

        var measured = MaskMeasurements.Measure(region, (spacing.X, spacing.Y));
        var box = measured.Box!.Value;
        static double Count(double length, double from, double to) => to == 0 ? length : (length * from / to) + 2;
        var voxels = Count(box.Width, spacing.X, to.X) * Count(box.Height, spacing.Y, to.Y)
            * Count((measured.LastSlice - measured.FirstSlice + 1)!.Value, spacing.Voxel.Z, region.Depth == 1 ? 0 : to.Z);
        if (voxels > MaxResampledVoxels)
        {
            throw new ValidationException(
                "参数 resample 过小", $"重采样后约有 {voxels:0} 个体素，最多允许 {MaxResampledVoxels:0} 个");
        }
    }
}
