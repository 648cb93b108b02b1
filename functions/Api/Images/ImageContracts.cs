using System.Text.Json;
using TumorFunctions.Api.Http;

namespace TumorFunctions.Api.Images;

public sealed record UploadAnswer(string Message, int ImageId, string Filename, string FileUrl, string PreviewUrl);

public sealed record ImageListAnswer(IReadOnlyList<ImageListItem> Images, Pagination Pagination);

public sealed record UpdateAnswer(string Message, ImageDetails Image);

public sealed record BatchDeleteAnswer(string Message, IReadOnlyList<int> DeletedIds, IReadOnlyList<BatchRefusal> Refused);

/// <summary>An id of a batch that was not deleted, and why.</summary>
public sealed record BatchRefusal(int Id, string Error);

/// <summary>An image as lists show it.</summary>
public record ImageListItem
{
    public ImageListItem(ImageRecord image)
    {
        Id = image.ImageId;
        Filename = image.Filename;
        OriginalFilename = image.OriginalFilename;
        Filepath = ImageUrls.PathOf(image.Filename);
        FileUrl = ImageUrls.Of(image.Filename);
        PreviewUrl = ImageUrls.Of(image.PreviewFilename);
        FileSize = image.FileSize;
        MimeType = image.MimeType;
        PatientId = image.Facts.PatientId;
        PatientName = image.Facts.PatientName;
        ScanDate = image.Facts.ScanDate;
        StudyDate = image.Facts.StudyDate;
        Modality = image.Facts.Modality;
        BodyPart = image.Facts.BodyPart;
        Institution = image.Facts.Institution;
        Age = image.Facts.Age;
        Gender = image.Facts.Gender;
        TumorDetected = image.TumorDetected;
        ConfidenceScore = image.Analysis?.ConfidenceScore;
        UploadedBy = image.UploadedBy;
        UploadedAt = image.UploadedAt;
        UpdatedAt = image.UpdatedAt;
    }

    public int Id { get; }

    public string Filename { get; }

    public string OriginalFilename { get; }

    public string Filepath { get; }

    public string FileUrl { get; }

    public string PreviewUrl { get; }

    public long FileSize { get; }

    public string MimeType { get; }

    public string? PatientId { get; }

    public string? PatientName { get; }

    public string? ScanDate { get; }

    public string? StudyDate { get; }

    public string? Modality { get; }

    public string? BodyPart { get; }

    public string? Institution { get; }

    public int? Age { get; }

    public string? Gender { get; }

    public bool TumorDetected { get; }

    public double? ConfidenceScore { get; }

    public int UploadedBy { get; }

    public DateTimeOffset UploadedAt { get; }

    public DateTimeOffset UpdatedAt { get; }
}

/// <summary>An image with everything that is known of it; three fields are JSON in a string, as the reference has them.</summary>
public sealed record ImageDetails : ImageListItem
{
    public ImageDetails(ImageRecord image)
        : base(image)
    {
        Width = image.Width;
        Height = image.Height;
        Depth = image.Depth;
        PixelSpacing = image.Facts.PixelSpacing;
        SliceThickness = image.Facts.SliceThickness;
        Diagnosis = image.Diagnosis;
        SegmentationMaskPath = image.Mask is { } mask ? ImageUrls.Of(mask.SliceFilename) : null;
        MaskVolumePath = image.Mask is { } whole ? ImageUrls.Of(whole.VolumeFilename) : null;
        MaskSource = image.Mask?.Source;
        DetectionResult = image.Analysis is { } analysis ? JsonSerializer.Serialize(new DetectionSummary(analysis), ApiJson.Options) : "{}";
        TumorVolume = image.Mask?.TumorVolume;
        TumorArea = image.Mask?.TumorArea;
        MaxDiameter = image.Mask?.MaxDiameter;
        RadiomicsFeatures = JsonSerializer.Serialize(
            image.Mask?.RadiomicsFeatures ?? new Dictionary<string, double?>(), ApiJson.Options);
        SurgicalPlan = image.SurgicalPlan;
        IsAnnotated = image.IsAnnotated;
        IsValidated = image.IsValidated;
        AnnotationData = image.AnnotationData;
    }

    public int Width { get; }

    public int Height { get; }

    public int Depth { get; }

    public double? PixelSpacing { get; }

    public double? SliceThickness { get; }

    public string? Diagnosis { get; }

    public string? SegmentationMaskPath { get; }

    /// <summary>The whole mask as NIfTI.</summary>
    public string? MaskVolumePath { get; }

    /// <summary>Whose mask the measurements are of: clinician or model; null where there is none.</summary>
    public string? MaskSource { get; }

    public string DetectionResult { get; }

    public double? TumorVolume { get; }

    public double? TumorArea { get; }

    public double? MaxDiameter { get; }

    public string RadiomicsFeatures { get; }

    public string? SurgicalPlan { get; }

    public bool IsAnnotated { get; }

    public bool IsValidated { get; }

    public string AnnotationData { get; }

    /// <summary>The content of the string in detection_result.</summary>
    private sealed record DetectionSummary(AnalysisOutcome Analysis)
    {
        public bool TumorDetected => Analysis.TumorDetected;

        public IReadOnlyList<DetectionOutcome> Detections => Analysis.Detections;

        public double Conf => Analysis.ConfidenceThreshold;

        public string Model => Analysis.Model;

        public string Device => Analysis.Device;

        public double[] Spacing => Analysis.Spacing;

        public string SpacingSource => Analysis.SpacingSource;

        public IReadOnlyList<string> Notes => Analysis.Notes;

        public DateTimeOffset AnalysedAt => Analysis.AnalysedAt;

        [System.Text.Json.Serialization.JsonIgnore]
        public AnalysisOutcome Analysis { get; } = Analysis;
    }
}

/// <summary>Where the files of images are served and kept.</summary>
public static class ImageUrls
{
    public const string BlobContainer = "medical-images";

    public static string PathOf(string blobName) => $"uploads/medical_images/{blobName}";

    public static string Of(string blobName) => $"/uploads/medical_images/{Uri.EscapeDataString(blobName)}";
}
