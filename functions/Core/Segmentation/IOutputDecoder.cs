namespace TumorFunctions.Core.Segmentation;

/// <summary>Reads one family of exports: from a network's outputs to findings. Thread-safe.</summary>
internal interface IOutputDecoder
{
    /// <summary>Number of classes that the outputs tell apart.</summary>
    int ClassCount { get; }

    /// <summary>Compares the shapes of a run's outputs with those that the decoder was made for.</summary>
    /// <exception cref="FormatException">They differ; the message says how.</exception>
    void CheckShapes(ModelOutputs outputs, int batch);

    /// <summary>Looks at the outputs of a trial run for what would make the answers meaningless.</summary>
    /// <exception cref="FormatException">They cannot be what the decoder takes them for; the message says why.</exception>
    void CheckValues(ModelOutputs outputs);

    /// <param name="item">Which slice of the batch.</param>
    DecodedSlice Decode(ModelOutputs outputs, int item, in Letterbox letterbox, in DecodeSettings settings, CancellationToken cancellationToken);
}

internal readonly record struct DecodeSettings(
    float Confidence, float IoU, int MaxDetections, IReadOnlyList<string> ClassNames);

/// <param name="Union">SourceHeight × SourceWidth, 0 or 1.</param>
internal readonly record struct DecodedSlice(IReadOnlyList<Detection> Detections, byte[] Union, float PeakConfidence);
