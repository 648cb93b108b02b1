using System.Text.Json.Serialization;

namespace TumorFunctions.Api.Masks;

/// <summary>
/// A mask as kept with an image, and what was measured on it: lengths in mm, areas in mm², volumes in mm³, boxes and slices in voxels
/// of the slices as they are shown.
/// </summary>
public sealed record MeasuredMask
{
    public const string Model = "model";
    public const string Clinician = "clinician";

    /// <summary>model or clinician.</summary>
    public required string Source { get; init; }

    /// <summary>Another one for every mask that is kept; what its ETag says.</summary>
    public required string Version { get; init; }

    /// <summary>PNG of one slice.</summary>
    public required string SliceFilename { get; init; }

    /// <summary>The whole mask as NIfTI, on the array of the image's file.</summary>
    public required string VolumeFilename { get; init; }

    /// <summary>Which slice the PNG shows: the middle one of the largest lesion.</summary>
    public required int Slice { get; init; }

    /// <summary>axial, coronal or sagittal; null where the file does not tell.</summary>
    public required string? View { get; init; }

    public required bool IsEmpty { get; init; }

    public required double? TumorArea { get; init; }

    public required double? TumorVolume { get; init; }

    public required double? MaxDiameter { get; init; }

    /// <summary>x0, y0, z0, x1, y1, z1 around all lesions; the last three are outside.</summary>
    public required int[]? BoundingBox3D { get; init; }

    public required int LesionCount { get; init; }

    /// <summary>The largest ones, largest first.</summary>
    public required IReadOnlyList<LesionOutcome> Lesions { get; init; }

    public required IReadOnlyDictionary<string, double?> RadiomicsFeatures { get; init; }

    /// <summary>x, y and, where known, z of the slices as they are shown.</summary>
    public required double[] Spacing { get; init; }

    /// <summary>file, user or assumed.</summary>
    public required string SpacingSource { get; init; }

    /// <summary>Why a value is null or an assumption was made, for the user's eyes.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    public required DateTimeOffset MeasuredAt { get; init; }

    [JsonIgnore]
    public IEnumerable<string> BlobNames => [SliceFilename, VolumeFilename];
}

/// <param name="BoundingBox">x0, y0, z0, x1, y1, z1; the last three are outside.</param>
/// <param name="Confidence">Score of the model's surest detection in it; null for a mask that a clinician drew.</param>
public sealed record LesionOutcome(long Voxels, double? Volume, double MaxDiameter, int[] BoundingBox, double? Confidence);

/// <summary>A mask that a clinician drew or corrected.</summary>
public sealed record MaskAnnotation(MeasuredMask Mask, int AnnotatedBy, string AnnotatedByName, DateTimeOffset AnnotatedAt);
