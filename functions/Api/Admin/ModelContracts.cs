using TumorFunctions.Core.Segmentation;

namespace TumorFunctions.Api.Admin;

public sealed record ModelListAnswer(IReadOnlyList<ModelEntryAnswer> Models, int Total, string Active);

/// <param name="Active">Serves where a request names no model.</param>
/// <param name="Shipped">Came with the app: it can be neither replaced nor deleted.</param>
/// <param name="FileSize">Bytes.</param>
/// <param name="Sha256">Of the file; null, as all that is read off it, where the file cannot be used.</param>
/// <param name="InputSize">Height and width in pixels that an image is fitted into.</param>
/// <param name="Metrics">What the card says that was measured; null where it says nothing.</param>
/// <param name="Problem">Why the file cannot be used; null where it can.</param>
/// <param name="Warnings">What does not fit together but does not hinder serving.</param>
public sealed record ModelEntryAnswer(
    string Name,
    string? Version,
    bool Active,
    bool Shipped,
    long FileSize,
    string? Sha256,
    IReadOnlyList<string>? Classes,
    IReadOnlyList<int>? InputSize,
    string? Task,
    long? TotalParameters,
    string? Licence,
    ModelMetrics? Metrics,
    DateTimeOffset UploadedAt,
    string? Problem,
    IReadOnlyList<string> Warnings)
{
    public static ModelEntryAnswer Of(ModelEntry model, string active) => new(
        model.File.Name,
        model.Card?.Version,
        IsNamed(model.File.Name, active),
        !model.File.IsUploaded,
        model.Length,
        model.Sha256,
        model.Card?.Classes,
        model.Card?.InputSize,
        model.Card?.Task,
        model.Card?.Parameters,
        model.Card?.Licence,
        model.Card?.Metrics,
        model.UploadedAt,
        model.Problem,
        model.Warnings);

    internal static bool IsNamed(string name, string active) =>
        ModelName.TryParse(active, out var plain) && plain.Equals(name, StringComparison.OrdinalIgnoreCase);
}

public sealed record ModelUploadAnswer(string Message, ModelEntryAnswer Model);

public sealed record ModelActivationAnswer(string Message, string Version, ModelPerformance Performance);
