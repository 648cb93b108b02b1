using TumorFunctions.Api.Images;
using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Api.Results;

/// <summary>Detections as the API shows them: whole pixels that hold the box, score to four places.</summary>
public static class DetectionOutcomes
{
    public static IReadOnlyList<DetectionOutcome> Of(IEnumerable<SliceDetection> detections) =>
        [.. detections.Select(found => new DetectionOutcome(
            found.Detection.ClassName, Math.Round(found.Detection.Confidence, 4), Whole(found.Detection.Box), found.Slice))];

    /// <summary>x0, y0, x1, y1 around all boxes, of which there is at least one.</summary>
    public static int[] BoxAround(IReadOnlyList<SliceDetection> detections) => Whole(new BoundingBox(
        detections.Min(found => found.Detection.Box.X0),
        detections.Min(found => found.Detection.Box.Y0),
        detections.Max(found => found.Detection.Box.X1),
        detections.Max(found => found.Detection.Box.Y1)));

    private static int[] Whole(BoundingBox box) =>
        [(int)MathF.Floor(box.X0), (int)MathF.Floor(box.Y0), (int)MathF.Ceiling(box.X1), (int)MathF.Ceiling(box.Y1)];
}
