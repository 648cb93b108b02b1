using TumorFunctions.Api.Images;
using TumorFunctions.Api.Masks;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Api.Preop;

/// <param name="Mask">On the grid of the volume, not empty.</param>
/// <param name="Version">Another one for every mask.</param>
public sealed record ChosenMask(Mask Mask, string Version);

/// <summary>The mask that stands for an image: a clinician's, else the latest analysis'.</summary>
public sealed class MaskInForce(MaskStore masks)
{
    /// <summary>Null where the image was not analysed, or there is no tumour in it.</summary>
    public async Task<ChosenMask?> FindAsync(ImageRecord image, CancellationToken cancellationToken) =>
        image.Mask is { IsEmpty: false } mask ? new ChosenMask(await masks.ReadAsync(mask, cancellationToken), mask.Version) : null;

    /// <summary>The same where there has to be one.</summary>
    /// <exception cref="MissingMaskException">There is none; the text says why.</exception>
    public async Task<ChosenMask> RequireAsync(ImageRecord image, CancellationToken cancellationToken) =>
        await FindAsync(image, cancellationToken)
        ?? throw (image.Annotation is not null
            ? new MissingMaskException("影像没有肿瘤掩膜", "医生标注该影像无肿瘤，无法进行术前规划")
            : image.Analysis is null
                ? new MissingMaskException("影像尚未分析", $"请先调用 POST /api/results/analyze/{image.ImageId} 完成分析")
                : new MissingMaskException("影像没有肿瘤掩膜", "最近一次分析未检出肿瘤，无法进行术前规划；可降低 conf 后重新分析"));
}
