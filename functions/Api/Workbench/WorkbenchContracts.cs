namespace TumorFunctions.Api.Workbench;

/// <param name="PreprocessedImage">Data URL of a grey PNG with as many bits as the image has levels for.</param>
/// <param name="Slice">Of the volume, from 0.</param>
/// <param name="Bits">8 or 16.</param>
public sealed record PreprocessAnswer(
    string Message, string PreprocessedImage, long ProcessingTimeMs, int Slice, int Bits, IReadOnlyList<string> Notes);

/// <param name="Total">Number of samples.</param>
/// <param name="Seed">Asking again with it gives the same samples.</param>
/// <param name="Slice">Of the volume, from 0.</param>
public sealed record AugmentAnswer(
    string Message, IReadOnlyList<AugmentedImage> AugmentedImages, int Total, int Seed, int Slice, IReadOnlyList<string> Notes);

/// <summary>A sample and how it was moved: degrees clockwise, shares of width and height to the right and down, factor.</summary>
/// <param name="MaskUrl">The tumour's mask moved alongside; null where the image has none.</param>
public sealed record AugmentedImage(
    int Id,
    string Url,
    string? MaskUrl,
    double Degrees,
    double TranslateX,
    double TranslateY,
    double Scale,
    bool Flipud,
    bool Fliplr);
