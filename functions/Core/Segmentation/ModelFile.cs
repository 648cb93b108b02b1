namespace TumorFunctions.Core.Segmentation;

/// <summary>A model's file in the registry, of which nothing but its place is known yet.</summary>
/// <param name="IsUploaded">Users brought it; false where it came with the app.</param>
public sealed record ModelFile(string Name, string Path, bool IsUploaded)
{
    internal string CardPath => System.IO.Path.ChangeExtension(Path, ".json");
}

/// <summary>A model of the registry as lists show it.</summary>
/// <param name="Length">Of the file, in bytes.</param>
/// <param name="UploadedAt">When the file came (UTC).</param>
/// <param name="Card">The card, completed from the file; null where the file cannot be used.</param>
/// <param name="Sha256">Of the file, hexadecimal; null where the file cannot be used.</param>
/// <param name="Problem">Why the file cannot be used; null where it can.</param>
/// <param name="Warnings">What does not fit together but does not hinder serving.</param>
public sealed record ModelEntry(
    ModelFile File, long Length, DateTimeOffset UploadedAt, ModelCard? Card, string? Sha256, string? Problem, IReadOnlyList<string> Warnings);
