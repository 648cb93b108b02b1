using System.Text.Json.Serialization;

namespace TumorFunctions.Api.Radiomics;

/// <summary>A trained classifier as stored; its content is the blob of the same name.</summary>
public sealed record ClassifierRecord
{
    public const string DocumentKind = "classifier";

    public string Kind { get; init; } = DocumentKind;

    public required int ClassifierId { get; init; }

    /// <summary><c>radiomics_model_001</c>, counted up.</summary>
    public required string Name { get; init; }

    public required string Algorithm { get; init; }

    /// <summary>diagnosis, or the key of annotation_data that the classes were taken from.</summary>
    public required string Label { get; init; }

    /// <summary>With two, the positive one is the last.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <summary>Names in the order of the classifier's inputs.</summary>
    public required IReadOnlyList<string> Features { get; init; }

    public required TrainingMetrics Metrics { get; init; }

    public required IReadOnlyList<ClassCounts> Cases { get; init; }

    public required double TestSize { get; init; }

    public required int Seed { get; init; }

    public required int TrainedBy { get; init; }

    public required DateTimeOffset TrainedAt { get; init; }

    [JsonIgnore]
    public string BlobName => Name + ".zip";
}

/// <summary>Measured on the test side of the split; see <see cref="Core.Learning.ClassificationMetrics"/>.</summary>
public sealed record TrainingMetrics(double Auc, double Acc, double Precision, double Recall, double F1Score);

/// <param name="Label">The class.</param>
/// <param name="Cases">Images of it.</param>
/// <param name="Patients">Patients that these come from; an image without patient id counts as one.</param>
/// <param name="Test">How many of the images were measured on.</param>
public sealed record ClassCounts(string Label, int Cases, int Patients, int Test);

/// <param name="PositiveClass">The class that precision, recall, F1 and AUC are of; null for more than two (macro averages).</param>
/// <param name="FeatureCount">Features used.</param>
public sealed record TrainingAnswer(
    string Message,
    double Auc,
    double Acc,
    double Precision,
    double Recall,
    double F1Score,
    double TrainingTimeS,
    string ModelPath,
    string Model,
    string Algorithm,
    string Label,
    IReadOnlyList<ClassCounts> Classes,
    string? PositiveClass,
    int FeatureCount,
    IReadOnlyList<string> Notes);

public sealed record ClassifierListAnswer(IReadOnlyList<ClassifierAnswer> Models, Http.Pagination Pagination);

public sealed record ClassifierAnswer(
    string Name,
    string ModelPath,
    string Algorithm,
    string Label,
    IReadOnlyList<ClassCounts> Classes,
    TrainingMetrics Metrics,
    int FeatureCount,
    double TestSize,
    int Seed,
    int TrainedBy,
    DateTimeOffset TrainedAt)
{
    public static ClassifierAnswer Of(ClassifierRecord record) => new(
        record.Name,
        ClassifierStore.PathOf(record),
        record.Algorithm,
        record.Label,
        record.Cases,
        record.Metrics,
        record.Features.Count,
        record.TestSize,
        record.Seed,
        record.TrainedBy,
        record.TrainedAt);
}

/// <param name="Prediction">The class with the highest probability.</param>
/// <param name="Probabilities">Of every class, summing to 1.</param>
public sealed record PredictionAnswer(
    int ImageId, string Model, string Label, string Prediction, IReadOnlyDictionary<string, double> Probabilities, string Note);
