namespace TumorFunctions.Core.Imaging;

/// <summary>The middle slice of a volume, made smaller, with the size of the whole; the slice's spacing is still the file's.</summary>
internal sealed record ReducedVolume(Volume Slice, int SourceWidth, int SourceHeight, int SourceDepth);
