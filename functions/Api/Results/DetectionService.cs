using Microsoft.AspNetCore.Http;
using TumorFunctions.Api.Http;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Api.Results;

/// <summary>The quick way: boxes for an image that comes in the request and is not kept.</summary>
public sealed class DetectionService(ActiveModel models, SliceAnalyzer analyzer)
{
    private const int MaxImageBytes = 32 * 1024 * 1024;
    private const int MaxTextLength = (MaxImageBytes / 3 * 4) + 128;

    private static readonly string[] Fields = ["image", "conf", "weightPath"];

    public async Task<DetectAnswer> DetectAsync(HttpRequest request)
    {
        var cancellationToken = request.HttpContext.RequestAborted;
        var fields = await RequestFields.ReadJsonAsync(request, Fields, MaxTextLength + 1024);
        var bytes = DataUrl.Decode("image", fields.Verbatim("image", MaxTextLength));
        var choice = ModelChoice.Read(fields);
        using var model = await models.OpenAsync(choice.WeightPath, cancellationToken);

        using var stream = new MemoryStream(bytes, writable: false);
        var volume = ImageReader.Read(stream, ImageLimits.Default, cancellationToken);
        var options = new SegmentationOptions(choice.ConfidenceFor(model.Info));
        var found = await analyzer.SegmentAsync(
            volume, AnatomicalAxes.ForViewing(volume.Geometry), model, options, cancellationToken);
        return new DetectAnswer(DetectionOutcomes.Of(found.Lesions.Detections), found.Lesions.Detections.Count);
    }
}
