namespace TumorFunctions.Core.Segmentation;

/// <summary>One finding of a model on a slice.</summary>
/// <param name="Confidence">Score of its class, 0 to 1.</param>
/// <param name="Box">Clipped to the image.</param>
/// <param name="Mask">The finding's own region in pixels of the original image; it may have no pixel.</param>
public sealed record Detection(int ClassId, string ClassName, float Confidence, BoundingBox Box, MaskRuns Mask);
