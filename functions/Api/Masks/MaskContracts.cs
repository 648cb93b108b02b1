using System.Text.Json.Serialization;

namespace TumorFunctions.Api.Masks;

/// <summary>A mask in force and its measurements.</summary>
public sealed record MaskAnswer
{
    public MaskAnswer(string message, int imageId, MeasuredMask? mask, string? sliceUrl, string? volumeUrl)
    {
        Message = message;
        ImageId = imageId;
        Mask = mask;
        SegmentationMaskPath = sliceUrl;
        MaskUrl = volumeUrl;
    }

    public string Message { get; }

    public int ImageId { get; }

    /// <summary>clinician or model; null where no mask is left.</summary>
    public string? MaskSource => Mask?.Source;

    /// <summary>For If-Match, as in the header ETag.</summary>
    [JsonPropertyName("etag")]
    public string? ETag => Mask is { } mask ? $"\"{mask.Version}\"" : null;

    public bool TumorDetected => Mask is { IsEmpty: false };

    public string? SegmentationMaskPath { get; }

    public string? MaskUrl { get; }

    public int? Slice => Mask?.Slice;

    public string? View => Mask?.View;

    public double? TumorVolume => Mask?.TumorVolume;

    public double? TumorArea => Mask?.TumorArea;

    public double? MaxDiameter => Mask?.MaxDiameter;

    [JsonPropertyName("bounding_box_3d")]
    public int[]? BoundingBox3D => Mask?.BoundingBox3D;

    public int LesionCount => Mask?.LesionCount ?? 0;

    public IReadOnlyList<LesionOutcome> Lesions => Mask?.Lesions ?? [];

    public IReadOnlyDictionary<string, double?> RadiomicsFeatures => Mask?.RadiomicsFeatures ?? new Dictionary<string, double?>();

    public double[]? Spacing => Mask?.Spacing;

    public string? SpacingSource => Mask?.SpacingSource;

    public IReadOnlyList<string> Notes => Mask?.Notes ?? [];

    [JsonIgnore]
    public MeasuredMask? Mask { get; }
}
