using System.Text.Json;
using System.Text.Json.Serialization;

namespace TumorFunctions.Core.Segmentation;

/// <summary>What a model is and how well it was measured to do; null where nobody said.</summary>
public sealed record ModelCard
{
    public string? Name { get; init; }

    public string? Version { get; init; }

    public string? Architecture { get; init; }

    public string? Framework { get; init; }

    public string? Task { get; init; }

    /// <summary>Names of the classes by their index.</summary>
    public IReadOnlyList<string> Classes { get; init; } = [];

    /// <summary>Height and width in pixels that an image is fitted into.</summary>
    public IReadOnlyList<int>? InputSize { get; init; }

    public double? DefaultConfidence { get; init; }

    public double? NmsIou { get; init; }

    public long? Parameters { get; init; }

    public string? Licence { get; init; }

    /// <summary>The data sets: a sentence or a list of objects, as the card has it.</summary>
    public JsonElement? TrainingData { get; init; }

    public string? Split { get; init; }

    public ModelMetrics? Metrics { get; init; }

    public string? CreatedAt { get; init; }

    /// <summary>Of the ONNX file, in hexadecimal.</summary>
    public string? Sha256 { get; init; }

    public string? Limitations { get; init; }
}

/// <summary>Figures measured on data that the model was not trained on; null where not measured.</summary>
public sealed record ModelMetrics
{
    public double? Accuracy { get; init; }

    public double? DiceSliceMean { get; init; }

    public double? DicePatientMean { get; init; }

    public double? IouMean { get; init; }

    [JsonPropertyName("box_map50")]
    public double? BoxMap50 { get; init; }

    [JsonPropertyName("box_map50_95")]
    public double? BoxMap50To95 { get; init; }

    [JsonPropertyName("mask_map50")]
    public double? MaskMap50 { get; init; }

    [JsonPropertyName("mask_map50_95")]
    public double? MaskMap50To95 { get; init; }

    public double? Sensitivity { get; init; }

    public double? FalsePositivesPerNegativeSlice { get; init; }

    /// <summary>Anything else that the card states beside the figures.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? Others { get; init; }
}
