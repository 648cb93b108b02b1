using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;
using TumorFunctions.Api.Preop;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Imaging.Augmentation;
using TumorFunctions.Core.Imaging.Filters;

namespace TumorFunctions.Api.Workbench;

/// <summary>Makes samples of a slice, moved at random, with the tumour's mask alongside, and keeps them with the image.</summary>
public sealed class AugmentationService(
    ImageService images,
    ImageDecoder decoder,
    ImageFiles files,
    DerivedFileStore derived,
    MaskInForce masks,
    ILogger<AugmentationService> logger)
{
    public const int MaxSamples = 50;

    /// <summary>Sets kept for an image; a further one takes the place of the oldest.</summary>
    public const int MaxSets = 10;

    private const int DefaultSamples = 5;

    private static readonly string[] Fields =
        ["image_id", "degrees", "translate", "scale", "flipud", "fliplr", "num_samples", "seed", "slice"];

    public async Task<AugmentAnswer> AugmentAsync(HttpRequest request, Caller caller)
    {
        var clock = Stopwatch.StartNew();
        var cancellationToken = request.HttpContext.RequestAborted;
        var fields = await RequestFields.ReadJsonAsync(request, Fields);
        var choice = SliceChoice.Read(fields);
        var ranges = new AugmentationRanges(
            fields.Number("degrees", 0, AugmentationRanges.MaxDegrees) ?? 0,
            fields.Number("translate", 0, 1) ?? 0,
            fields.Number("scale", 0, 1) ?? 0,
            fields.Flag("flipud") ?? false,
            fields.Flag("fliplr") ?? false);
        var count = fields.WholeNumber("num_samples", 1, MaxSamples) ?? DefaultSamples;
        var seed = fields.WholeNumber("seed", 0, int.MaxValue) ?? Random.Shared.Next();
        var record = (await images.FindVisibleAsync(choice.ImageId, caller, cancellationToken)).Value;

        var volume = await decoder.DecodeAsync(record, cancellationToken);
        var mask = (await masks.FindAsync(record, cancellationToken))?.Mask;
        var slice = choice.In(volume, mask is null ? volume.Depth / 2 : MiddleOf(mask));
        var source = new Source(
            GreyImage.FromSlice(volume, slice),
            mask is null ? null : new Mask(mask.Slice(slice).ToArray(), mask.Width, mask.Height),
            volume.Spacing);

        using var hold = files.Hold(record.BlobKey);
        var set = new AugmentedSet(Guid.NewGuid().ToString("N"), count, mask is not null);
        var samples = await WriteAsync(record, set, source, [.. Enumerable.Range(0, count).Select(n => ranges.Draw(seed, n))], cancellationToken);
        await derived.KeepAsync(
            record.ImageId,
            [.. set.Names(record.BlobKey)],
            files => files with { Augmented = [.. files.Augmented.TakeLast(MaxSets - 1), set] },
            cancellationToken);
        logger.ImageAugmented(record.ImageId, count, clock.ElapsedMilliseconds);
        List<string> notes = [.. volume.Notes];
        if (mask is null)
        {
            notes.Add("影像没有可用的肿瘤掩膜，因此样本不含 mask_url；请先完成分析");
        }

        return new AugmentAnswer("数据增强完成", samples, count, seed, slice, notes);
    }

    private async Task<List<AugmentedImage>> WriteAsync(
        ImageRecord record, AugmentedSet set, Source source, AffineSample[] samples, CancellationToken cancellationToken)
    {
        var written = new List<AugmentedImage>();
        try
        {
            for (var number = 1; number <= samples.Length; number++)
            {
                var sample = samples[number - 1];
                var imageName = set.ImageName(record.BlobKey, number);
                await WriteAsync(record, imageName, png => sample.Apply(source.Image, cancellationToken).WritePng(png, source.Spacing), cancellationToken);
                var maskName = source.Mask is null ? null : set.MaskName(record.BlobKey, number);
                if (maskName is not null)
                {
                    var moved = sample.Apply(source.Mask!, cancellationToken);
                    var pixels = Array.ConvertAll(moved.Voxels, inside => inside == 0 ? (byte)0 : byte.MaxValue);
                    await WriteAsync(record, maskName, png => PngWriter.Write(png, pixels, moved.Width, moved.Height), cancellationToken);
                }

                written.Add(new AugmentedImage(
                    number,
                    UrlOf(imageName),
                    maskName is null ? null : UrlOf(maskName),
                    sample.Angle,
                    sample.ShiftX,
                    sample.ShiftY,
                    sample.Factor,
                    sample.FlipVertical,
                    sample.FlipHorizontal));
            }

            return written;
        }
        catch
        {
            await files.TryDeleteAsync(set.Names(record.BlobKey));
            throw;
        }
    }

    private async Task WriteAsync(ImageRecord record, string name, Action<Stream> encode, CancellationToken cancellationToken)
    {
        using var png = new MemoryStream();
        encode(png);
        png.Position = 0;
        await files.WriteAsync(record.ImageId, name, "image/png", png, cancellationToken, recomputable: true);
    }

    private static int MiddleOf(Mask mask)
    {
        var slices = Enumerable.Range(0, mask.Depth).Where(z => mask.Slice(z).ContainsAnyExcept((byte)0)).ToArray();
        return slices[slices.Length / 2];
    }

    private static string UrlOf(string name) => $"/uploads/augmented/{name}";

    private sealed record Source(GreyImage Image, Mask? Mask, VoxelSpacing? Spacing);
}
