using Microsoft.AspNetCore.Http;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;
using TumorFunctions.Api.Masks;
using TumorFunctions.Api.Results;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Reports;

namespace TumorFunctions.Api.Reports;

/// <summary>The figures of a tumour, measured on the mask in force.</summary>
public sealed class MetricsService(ImageService images, ImageDecoder decoder, MaskStore masks)
{
    private const string EnhancementNote = "vascularization 为强化指数：肿瘤相对瘤外脑组织的亮度，仅在增强 T1 影像上有意义，不是灌注测量";

    public async Task<MetricsAnswer> GetAsync(HttpRequest request, Caller caller)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        var imageId = RequestFields.FromQuery(request, "image_id").WholeNumber("image_id", 1, int.MaxValue)
            ?? throw new ValidationException("缺少参数 image_id");
        var image = (await images.FindVisibleAsync(imageId, caller, cancellationToken)).Value;
        if (image.Mask is not { IsEmpty: false } measured)
        {
            return Without(image);
        }

        var volume = await decoder.DecodeAsync(image, cancellationToken);
        return Measure(image, volume, measured, await masks.ReadAsync(measured, cancellationToken));
    }

    /// <param name="measured">The image's mask in force, not empty.</param>
    /// <param name="mask">The same on the volume's grid.</param>
    public static MetricsAnswer Measure(ImageRecord image, Volume volume, MeasuredMask measured, Mask mask)
    {
        var indices = TumourIndices.Measure(volume, mask, SpacingChoice.For(volume.Geometry, image.Facts).Voxel);
        List<string> notes = [.. measured.Notes];
        var enhancement = IsMagneticResonance(image.Facts.Modality)
            ? indices.Enhancement
            : new IndexValue(null, $"强化指数只对 MRI 定义，影像模态为 {image.Facts.Modality}");
        Note("heterogeneity", indices.Heterogeneity);
        Note("texture_complexity", indices.TextureComplexity);
        Note("vascularization", enhancement);
        if (enhancement.Value is not null)
        {
            notes.Add(EnhancementNote);
        }

        return new MetricsAnswer(
            measured.TumorVolume,
            "mm³",
            measured.MaxDiameter,
            "mm",
            Rounded(indices.Heterogeneity),
            Rounded(indices.TextureComplexity),
            Rounded(enhancement),
            measured.Source,
            measured.SpacingSource,
            notes);

        void Note(string name, IndexValue index)
        {
            if (index.Reason is { } reason)
            {
                notes.Add($"{name} 无法计算：{reason}");
            }
        }
    }

    /// <summary>The answer where there is nothing to measure, with the reason.</summary>
    public static MetricsAnswer Without(ImageRecord image) => new(
        null,
        "mm³",
        null,
        "mm",
        null,
        null,
        null,
        image.Mask?.Source,
        image.Mask?.SpacingSource ?? image.Analysis?.SpacingSource,
        [
            image.Annotation is not null ? "医生标注该影像无肿瘤，因此没有测量值"
                : image.Analysis is not null ? "最近一次分析未检出肿瘤，因此没有测量值"
                : $"影像尚未分析，请先调用 POST /api/results/analyze/{image.ImageId}",
        ]);

    private static double? Rounded(IndexValue index) => index.Value is { } value ? Math.Round(value, 4) : null;

    // An unstated modality is taken for MR, which is what is analysed here.
    private static bool IsMagneticResonance(string? modality) =>
        modality is null
        || modality.StartsWith("MR", StringComparison.OrdinalIgnoreCase)
        || modality.StartsWith("T1", StringComparison.OrdinalIgnoreCase)
        || modality.Contains("磁共振", StringComparison.Ordinal)
        || modality.Contains("核磁", StringComparison.Ordinal);
}
