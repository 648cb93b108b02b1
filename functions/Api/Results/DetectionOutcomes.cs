using TumorFunctions.Api.Images;
using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Api.Results;

/// <summary>Detections as the API shows them: whole pixels that hold the box, score to four places.</summary>
public static class DetectionOutcomes
{
    public static IReadOnlyList<DetectionOutcome> Of(IEnumerable<Detection> detections) =>
        [.. detections.Select(detection => new DetectionOutcome(
            detection.ClassName, Math.Round(detection.Confidence, 4), Whole(detection.Box)))];

    /// <summary>x0, y0, x1, y1 around all boxes, of which there is at least one.</summary>
    public static int[] BoxAround(IReadOnlyList<Detection> detections) => Whole(new BoundingBox(
        detections.Min(detection => detection.Box.X0),
        detections.Min(detection => detection.Box.Y0),
        detections.Max(detection => detection.Box.X1),
        detections.Max(detection => detection.Box.Y1)));

    private static int[] Whole(BoundingBox box) =>
        [(int)MathF.Floor(box.X0), (int)MathF.Floor(box.Y0), (int)MathF.Ceiling(box.X1), (int)MathF.Ceiling(box.Y1)];
}
