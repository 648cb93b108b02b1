using System.ComponentModel.DataAnnotations;

namespace TumorFunctions.Api.Segmentation;

/// <summary>Settings under <c>Segmentation</c>. A job keeps to those that it was started with.</summary>
public sealed class JobOptions
{
    public const string Section = "Segmentation";

    /// <summary>Images of a job that are worked on side by side.</summary>
    [Range(1, 64)]
    public int ItemsInFlight { get; set; } = 2;

    /// <summary>Parts of an image that are with the model side by side.</summary>
    [Range(1, 64)]
    public int ChunksInFlight { get; set; } = 2;

    /// <summary>
    /// How long a part keeps the model, by the model's pace so far; progress is told once a part, and a part that is cut off is done anew.
    /// </summary>
    [Range(0.001, 60)]
    public double ChunkSeconds { get; set; } = 0.25;

    /// <summary>Most slices of a part.</summary>
    [Range(1, 1024)]
    public int MaxSlicesPerChunk { get; set; } = 64;

    /// <summary>Attempts at a step, the first one included.</summary>
    [Range(1, 20)]
    public int MaxAttempts { get; set; } = 4;

    /// <summary>Wait before the second attempt at a step; it doubles with every further one.</summary>
    [Range(0.001, 3600)]
    public double FirstRetrySeconds { get; set; } = 2;

    [Range(0.001, 86_400)]
    public double MaxRetrySeconds { get; set; } = 60;

    /// <summary>Age after which the upkeep takes up a job that nobody works on, and what ended jobs left behind.</summary>
    [Range(1, 1_000_000)]
    public int GraceSeconds { get; set; } = 120;
}
