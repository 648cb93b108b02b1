namespace TumorFunctions.Core.Segmentation.Trial;

/// <summary>What a trial of a model file found.</summary>
/// <param name="Sha256">Of the file that was tried, in hexadecimal, lower case.</param>
/// <param name="Length">Of the file, in bytes.</param>
/// <param name="Card">The card, completed from the file: classes, input size, parameters.</param>
/// <param name="MaxBatch">Most slices of a run that stayed within the trial's memory.</param>
/// <param name="Warnings">What does not fit together but does not hinder serving.</param>
public sealed record ModelReport(string Sha256, long Length, ModelCard Card, int MaxBatch, IReadOnlyList<string> Warnings)
{
    internal static ModelReport Of(OnnxModel model, string path, int maxBatch) =>
        new(model.Info.Card.Sha256!, new FileInfo(path).Length, model.Info.Card, maxBatch, model.Info.Warnings);
}

/// <summary>The answer of the trial's process: one of the two.</summary>
internal sealed record TrialVerdict(ModelReport? Report, string? Refusal);
