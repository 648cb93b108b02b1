using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Segmentation;

/// <summary>An 8-bit grey slice as a model is shown it; rows from the top, one byte a pixel.</summary>
public readonly record struct GreySlice(ReadOnlyMemory<byte> Pixels, int Width, int Height);

/// <summary>Pixels of the original image; a pixel at column c covers c to c + 1.</summary>
public readonly record struct BoundingBox(float X0, float Y0, float X1, float Y1)
{
    public float Area => Math.Max(X1 - X0, 0) * Math.Max(Y1 - Y0, 0);

    /// <summary>Intersection over union, 0 to 1.</summary>
    public float IoU(BoundingBox other)
    {
        var width = Math.Min(X1, other.X1) - Math.Max(X0, other.X0);
        var height = Math.Min(Y1, other.Y1) - Math.Max(Y0, other.Y0);
        if (width <= 0 || height <= 0)
        {
            return 0;
        }

        var intersection = width * height;
        return intersection / (Area + other.Area - intersection);
    }
}

/// <summary>A finding with its box, clipped to the image, and its own outline.</summary>
/// <param name="Confidence">0 to 1.</param>
/// <param name="Outline">The finding's mask, on the smallest rectangle that holds it; null where no pixel exceeds the threshold.</param>
public sealed record Detection(int ClassId, string ClassName, float Confidence, BoundingBox Box, MaskPatch? Outline);

/// <summary>A binary mask over a rectangle of the image; 1 inside, rows from the top.</summary>
public sealed record MaskPatch(int X, int Y, int Width, int Height, byte[] Pixels);

/// <param name="Detections">Best first.</param>
/// <param name="Mask">All outlines together, at the resolution of the slice.</param>
/// <param name="PeakConfidence">The highest score of any candidate, also of those below the threshold.</param>
/// <param name="InferenceTime">Time in the model alone.</param>
public sealed record SegmentationResult(
    IReadOnlyList<Detection> Detections, Mask Mask, float PeakConfidence, TimeSpan InferenceTime);

/// <param name="Confidence">Candidates must score above this; 0 to 1.</param>
/// <param name="NmsIoU">Of two boxes of one class that overlap by more than this, the lower score goes.</param>
/// <param name="MaxDetections">At most so many, the best.</param>
public sealed record SegmentationOptions(double Confidence = 0.25, double NmsIoU = 0.45, int MaxDetections = 300);

/// <summary>Runs a named model over slices, wherever that happens.</summary>
public interface ISegmentationEngine
{
    /// <summary>One result a slice, in their order.</summary>
    /// <exception cref="ModelException">The model is unknown, cannot be loaded or fails.</exception>
    Task<IReadOnlyList<SegmentationResult>> SegmentAsync(
        string model, IReadOnlyList<GreySlice> slices, SegmentationOptions options, CancellationToken cancellationToken = default);
}

/// <summary>A model cannot be found, loaded or run; the message says which and why.</summary>
public sealed class ModelException(string message, Exception? inner = null) : Exception(message, inner);
