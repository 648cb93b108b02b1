using System.ComponentModel.DataAnnotations;

namespace TumorFunctions.Api.Images;

/// <summary>Settings under <c>Images</c>.</summary>
public sealed class ImageOptions
{
    public const string Section = "Images";

    [Range(1.0, 1e12)]
    public long MaxUploadBytes { get; set; } = 500L * 1024 * 1024;

    /// <summary>What a form may hold beside the file.</summary>
    [Range(0.0, 1e9)]
    public long FormOverheadBytes { get; set; } = 1024 * 1024;

    /// <summary>Age after which a blob that no record names is deleted.</summary>
    [Range(1, 10_000_000)]
    public int OrphanGraceSeconds { get; set; } = 3600;

    /// <summary>Memory for the voxels of images decoded lately, in bytes; 0 keeps none.</summary>
    [Range(0.0, 1e12)]
    public long DecodedCacheBytes { get; set; } = 128L * 1024 * 1024;

    /// <summary>How long voxels are kept after their last use.</summary>
    [Range(1, 86_400)]
    public int DecodedCacheSeconds { get; set; } = 120;
}
