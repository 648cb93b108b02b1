using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;
using TumorFunctions.Api.Results;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Segmentation;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Preop;

/// <param name="Mask">On the grid of the volume, not empty.</param>
/// <param name="Version">Changes whenever the mask may have changed.</param>
public sealed record ChosenMask(Mask Mask, string Version);

/// <summary>Which mask stands for an image, chosen here and nowhere else.</summary>
public sealed class MaskInForce(ImageFiles files, SliceAnalyzer analyzer)
{
    /// <summary>The mask of the latest analysis; null where the image was not analysed or no tumour was found.</summary>
    public async Task<ChosenMask?> FindAsync(ImageRecord image, Volume volume, CancellationToken cancellationToken)
    {
        if (image.Analysis is not { MaskFilename: { } name } analysis)
        {
            return null;
        }

        // A volume's record keeps one slice of its mask; the same model and threshold find the whole again.
        var mask = volume.Depth > 1
            ? (await analyzer.SegmentAsync(
                volume, analysis.Model, new SegmentationOptions(analysis.ConfidenceThreshold), cancellationToken)).Mask
            : await ReadAsync(name, cancellationToken);
        return mask.IsEmpty || (mask.Width, mask.Height, mask.Depth) != (volume.Width, volume.Height, volume.Depth)
            ? null
            : new ChosenMask(mask, name);
    }

    /// <summary>The same where there has to be one.</summary>
    /// <exception cref="MissingMaskException">There is none; the text says why.</exception>
    public async Task<ChosenMask> RequireAsync(ImageRecord image, Volume volume, CancellationToken cancellationToken) =>
        await FindAsync(image, volume, cancellationToken)
        ?? throw (image.Analysis is null
            ? new MissingMaskException("影像尚未分析", $"请先调用 POST /api/results/analyze/{image.ImageId} 完成分析")
            : new MissingMaskException("影像没有肿瘤掩膜", "最近一次分析未检出肿瘤，无法进行术前规划；可降低 conf 后重新分析"));

    private async Task<Mask> ReadAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            await using var blob = await files.OpenAsync(name, cancellationToken);
            var picture = ImageReader.Read(blob.Stream, ImageLimits.Default, cancellationToken);
            return new Mask(Array.ConvertAll(picture.Voxels, value => value > 0 ? (byte)1 : (byte)0), picture.Width, picture.Height);
        }
        catch (BlobNotFoundException)
        {
            throw new ConcurrentChangeException("影像正在重新分析或删除，请重试");
        }
    }
}
