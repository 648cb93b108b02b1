using System.Text.Json;
using System.Text.Json.Serialization;

namespace TumorFunctions.Core.Segmentation;

/// <summary>What is known of a model: the JSON file beside it, else what its ONNX metadata says. Figures nobody measured are null.</summary>
public sealed record ModelCard
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public required string Name { get; init; }

    public string? Version { get; init; }

    public string? Architecture { get; init; }

    public string? Framework { get; init; }

    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>Height and width in pixels.</summary>
    public IReadOnlyList<int>? InputSize { get; init; }

    public double? DefaultConfidence { get; init; }

    public double? NmsIou { get; init; }

    public long? Parameters { get; init; }

    public string? Licence { get; init; }

    public string? Split { get; init; }

    public ModelMetrics? Metrics { get; init; }

    public string? CreatedAt { get; init; }

    public string? Limitations { get; init; }

    /// <summary>Reads the card of a model, or null where there is none.</summary>
    /// <exception cref="ModelException">The file is no card.</exception>
    internal static ModelCard? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize<ModelCard>(File.ReadAllBytes(path), Json);
        }
        catch (JsonException exception)
        {
            throw new ModelException($"The model card {Path.GetFileName(path)} cannot be read: {exception.Message}", exception);
        }
    }
}

/// <summary>Measured on validation patients that the model was not trained on.</summary>
public sealed record ModelMetrics
{
    public int? Patients { get; init; }

    public int? Slices { get; init; }

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

    /// <summary>Share of slices with tumour whose Dice exceeds 0.5.</summary>
    public double? Sensitivity { get; init; }

    public double? FalsePositivesPerNegativeSlice { get; init; }

    /// <summary>Share of slices, with and without tumour, that are called right at the default confidence.</summary>
    public double? Accuracy { get; init; }
}
