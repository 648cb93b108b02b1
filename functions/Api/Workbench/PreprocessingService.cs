using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;
using TumorFunctions.Api.Results;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Imaging.Filters;

namespace TumorFunctions.Api.Workbench;

/// <summary>Normalises, then denoises, then equalises a slice; nothing is kept.</summary>
public sealed class PreprocessingService(ImageService images, ImageDecoder decoder, ILogger<PreprocessingService> logger)
{
    private const string None = "none";

    private static readonly string[] Fields = ["image_id", "normalize", "denoise", "clahe", "slice"];

    private static readonly Dictionary<string, Func<GreyImage, GreyImage>> Normalizations = new()
    {
        ["minmax"] = Normalization.MinMax,
        ["zscore"] = Normalization.ZScore,
        [None] = image => image,
    };

    private static readonly Dictionary<string, Func<GreyImage, CancellationToken, GreyImage>> Denoisers = new()
    {
        ["bilateral"] = (image, cancellation) => BilateralFilter.Apply(image, cancellation: cancellation),
        ["gaussian"] = (image, cancellation) => GaussianFilter.Apply(image, cancellation: cancellation),
        ["median"] = (image, cancellation) => MedianFilter.Apply(image, cancellation: cancellation),
        [None] = (image, _) => image,
    };

    public async Task<PreprocessAnswer> PreprocessAsync(HttpRequest request, Caller caller)
    {
        var clock = Stopwatch.StartNew();
        var cancellationToken = request.HttpContext.RequestAborted;
        var fields = await RequestFields.ReadJsonAsync(request, Fields);
        var choice = SliceChoice.Read(fields);
        var normalize = OneOf(fields, "normalize", Normalizations);
        var denoise = OneOf(fields, "denoise", Denoisers);
        var equalise = fields.Flag("clahe") ?? false;
        var record = (await images.FindVisibleAsync(choice.ImageId, caller, cancellationToken)).Value;

        var volume = await decoder.DecodeAsync(record, cancellationToken);
        var slice = choice.In(volume, volume.Depth / 2);
        var image = denoise(normalize(GreyImage.FromSlice(volume, slice)), cancellationToken);
        if (equalise)
        {
            image = Clahe.Apply(image, cancellation: cancellationToken);
        }

        using var png = new MemoryStream();
        image.WritePng(png, volume.Spacing);
        logger.ImagePreprocessed(choice.ImageId, clock.ElapsedMilliseconds);
        return new PreprocessAnswer(
            "预处理完成", DataUrl.OfPng(png.ToArray()), clock.ElapsedMilliseconds, slice, image.Bits, NotesOn(volume, slice));
    }

    private static List<string> NotesOn(Volume volume, int slice)
    {
        List<string> notes = [.. volume.Notes];
        if (volume.Depth > 1)
        {
            notes.Add($"影像共 {volume.Depth} 层，处理的是第 {slice} 层（从 0 开始）；可通过 slice 指定");
        }

        return notes;
    }

    private static T OneOf<T>(RequestFields fields, string name, Dictionary<string, T> known)
    {
        var value = fields.Text(name) ?? None;
        return known.TryGetValue(value, out var method)
            ? method
            : throw new ValidationException($"字段 {name} 必须是 {string.Join("、", known.Keys)} 之一");
    }
}
