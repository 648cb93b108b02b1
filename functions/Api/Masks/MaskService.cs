using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Api.Masks;

/// <summary>Keeps and removes the masks that clinicians draw; reading them is <see cref="MaskExport"/>'s.</summary>
public sealed class MaskService(
    ImageService images,
    ImageStore store,
    ImageDecoder decoder,
    MaskStore masks,
    MaskMeasurer measurer,
    IOptions<ImageOptions> options,
    TimeProvider time,
    ILogger<MaskService> logger)
{
    /// <summary>Measures a clinician's mask and puts it in force.</summary>
    public async Task<MaskAnswer> PutAsync(int imageId, HttpRequest request, Caller caller)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        var precondition = MaskPrecondition.Of(request, caller);
        var image = (await images.FindVisibleAsync(imageId, caller, cancellationToken)).Value;
        precondition.Check(image);

        await using var file = await MaskUpload.ReceiveAsync(request, options.Value.MaxUploadBytes);
        var volume = await decoder.DecodeAsync(image, cancellationToken);
        var axes = AnatomicalAxes.ForViewing(volume.Geometry);
        var (shown, notes) = MaskUpload.Read(file, volume.Geometry, axes, cancellationToken);
        var drawn = await measurer.MeasureAsync(
            image, volume, new ShownMask(axes, shown), MeasuredMask.Clinician, cancellationToken);
        drawn = drawn with { Measured = drawn.Measured with { Notes = [.. notes, .. drawn.Measured.Notes] } };

        var annotation = new MaskAnnotation(drawn.Measured, caller.UserId, caller.Username, time.GetUtcNow());
        var saved = await masks.WithAsync(
            image,
            drawn,
            () => ChangeAsync(imageId, precondition, record => record with { Annotation = annotation, IsAnnotated = true }, cancellationToken),
            cancellationToken);
        logger.MaskKept(imageId, caller.UserId, drawn.Measured.Lesions.Sum(lesion => lesion.Voxels));
        return Answer("掩膜保存成功", saved);
    }

    /// <summary>Takes the clinician's mask away, so that the model's is in force again.</summary>
    public async Task<MaskAnswer> DeleteAsync(int imageId, HttpRequest request, Caller caller)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        var precondition = MaskPrecondition.Of(request, caller);
        await images.FindVisibleAsync(imageId, caller, cancellationToken);
        var saved = await ChangeAsync(
            imageId,
            precondition,
            record => record.Annotation is null
                ? throw new NotFoundException("该影像没有医生绘制的掩膜")
                : record with { Annotation = null, IsAnnotated = false },
            cancellationToken);
        logger.MaskRemoved(imageId, caller.UserId);
        return Answer(saved.Mask is null ? "掩膜已删除" : "已恢复为模型的掩膜", saved);
    }

    private async Task<ImageRecord> ChangeAsync(
        int imageId, MaskPrecondition precondition, Func<ImageRecord, ImageRecord> change, CancellationToken cancellationToken)
    {
        var changed = await store.ChangeAsync(
            imageId,
            record =>
            {
                precondition.Check(record);
                return change(record) with { UpdatedAt = time.GetUtcNow() };
            },
            cancellationToken) ?? throw new NotFoundException("影像不存在");
        await masks.DropReplacedAsync(changed.Before, changed.After);
        return changed.After;
    }

    private static MaskAnswer Answer(string message, ImageRecord image) => new(
        message,
        image.ImageId,
        image.Mask,
        image.Mask is { } mask ? ImageUrls.Of(mask.SliceFilename) : null,
        image.Mask is { } whole ? ImageUrls.Of(whole.VolumeFilename) : null);
}
