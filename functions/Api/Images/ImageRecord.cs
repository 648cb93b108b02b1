using System.Text.Json.Serialization;
using TumorFunctions.Api.Masks;

namespace TumorFunctions.Api.Images;

/// <summary>An uploaded image or volume as stored, with the outcome of its latest analysis.</summary>
public sealed record ImageRecord
{
    public const string DocumentKind = "image";

    public string Kind { get; init; } = DocumentKind;

    public required int ImageId { get; init; }

    /// <summary>Random part that all blob names of this image begin with.</summary>
    public required string BlobKey { get; init; }

    /// <summary>Blob name of the upload, <c>{key}_{original name}</c>.</summary>
    public required string Filename { get; init; }

    public required string OriginalFilename { get; init; }

    public required string PreviewFilename { get; init; }

    public required long FileSize { get; init; }

    public required string MimeType { get; init; }

    public required int Width { get; init; }

    public required int Height { get; init; }

    public required int Depth { get; init; }

    public ImageFacts Facts { get; init; } = new();

    /// <summary>At the top level of the document, where queries see it.</summary>
    public string? PatientId => Facts.PatientId;

    /// <inheritdoc cref="PatientId"/>
    public string? Modality => Facts.Modality;

    public string? Diagnosis { get; init; }

    public string? SurgicalPlan { get; init; }

    public bool IsAnnotated { get; init; }

    public bool IsValidated { get; init; }

    /// <summary>A JSON object as text, kept as the client sent it.</summary>
    public string AnnotationData { get; init; } = "{}";

    /// <summary>Null until the image was analysed.</summary>
    public AnalysisOutcome? Analysis { get; init; }

    /// <summary>At the top level of the document, where queries see it.</summary>
    public bool IsAnalysed => Analysis is not null;

    public DerivedFiles Derived { get; init; } = new();

    public required int UploadedBy { get; init; }

    public required DateTimeOffset UploadedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>A clinician's mask; null where there is none and the model's holds.</summary>
    public MaskAnnotation? Annotation { get; init; }

    /// <summary>The mask that measurements, radiomics and meshes are of: a clinician's, else the model's; null where there is neither.</summary>
    [JsonIgnore]
    public MeasuredMask? Mask => Annotation?.Mask ?? Analysis?.Mask;

    /// <summary>Whether the mask in force holds a tumour.</summary>
    [JsonIgnore]
    public bool TumorDetected => Annotation is { Mask.IsEmpty: var empty } ? !empty : Analysis?.TumorDetected ?? false;

    /// <summary>Blobs that the record lives by; any other blob with its key is left over from something interrupted.</summary>
    public IEnumerable<string> BlobNames =>
        [Filename, PreviewFilename, .. Analysis?.Mask?.BlobNames ?? [], .. Annotation?.Mask.BlobNames ?? [], .. Derived.Names(BlobKey)];

    /// <summary>Whether a blob is the record's own, or was computed from its mask in force.</summary>
    public bool Names(string blobName) =>
        BlobNames.Contains(blobName) || (Mask is { } mask && blobName.StartsWith(DerivedPrefix(mask), StringComparison.Ordinal));

    /// <summary>What the names of blobs begin with that are computed from a mask; they go when another mask takes its place.</summary>
    public string DerivedPrefix(MeasuredMask mask) => $"{BlobKey}_derived_{mask.Version}_";
}

/// <summary>What is known of patient and study, from the form, else from the file.</summary>
public sealed record ImageFacts
{
    public string? PatientId { get; init; }

    public string? PatientName { get; init; }

    public int? Age { get; init; }

    /// <summary>M, F or O.</summary>
    public string? Gender { get; init; }

    public string? ScanDate { get; init; }

    public string? StudyDate { get; init; }

    public string? Modality { get; init; }

    public string? BodyPart { get; init; }

    public string? Institution { get; init; }

    /// <summary>In-plane pixel spacing in mm that a user stated, where the file has none.</summary>
    public double? PixelSpacing { get; init; }

    /// <summary>Slice thickness in mm that a user stated, where the file has none.</summary>
    public double? SliceThickness { get; init; }
}

/// <summary>What a model found; boxes in pixels of the slices as they are shown.</summary>
public sealed record AnalysisOutcome
{
    public required bool TumorDetected { get; init; }

    /// <summary>Score of the surest detection; without one, the highest score that stayed below the threshold.</summary>
    public required double? ConfidenceScore { get; init; }

    /// <summary>x0, y0, x1, y1 around all detections.</summary>
    public required int[]? BoundingBox { get; init; }

    public required IReadOnlyList<DetectionOutcome> Detections { get; init; }

    /// <summary>The model's mask, measured; null where nothing was found.</summary>
    public MeasuredMask? Mask { get; init; }

    /// <summary>x, y and, where known, z.</summary>
    public required double[] Spacing { get; init; }

    /// <summary>file, user or assumed.</summary>
    public required string SpacingSource { get; init; }

    public required double ConfidenceThreshold { get; init; }

    public required string Model { get; init; }

    public required string Device { get; init; }

    /// <summary>Why a value is null or an assumption was made, for the user's eyes.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    public required DateTimeOffset AnalysedAt { get; init; }

    /// <summary>The part of a job that it comes from, so that it is kept once; null where it was asked for directly.</summary>
    public string? Run { get; init; }
}

/// <param name="Slice">Of a volume, as it is shown.</param>
public sealed record DetectionOutcome(string Class, double Confidence, int[] Bbox, int Slice = 0);
