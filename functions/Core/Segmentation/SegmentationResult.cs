using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Segmentation;

/// <summary>What a model found on one slice.</summary>
/// <param name="Detections">Best first; empty where nothing passed the confidence threshold.</param>
/// <param name="Mask">Union of the detections' masks, of the slice's size.</param>
/// <param name="PeakConfidence">Highest score of any candidate, those below the threshold included; 0 to 1.</param>
/// <param name="InferenceTime">Time of the network alone; slices that ran as one batch share it equally.</param>
/// <param name="Model">Name of the model as the registry knows it.</param>
/// <param name="Device">What ran it: cpu or cuda.</param>
public sealed record SegmentationResult(
    IReadOnlyList<Detection> Detections, Mask Mask, float PeakConfidence, TimeSpan InferenceTime, string Model, string Device);
