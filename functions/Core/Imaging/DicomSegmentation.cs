namespace TumorFunctions.Core.Imaging;

/// <summary>A mask and what an object that carries it has to say of it.</summary>
public sealed record DicomSegmentation
{
    /// <summary>On the grid of the image.</summary>
    public required Mask Mask { get; init; }

    /// <summary>
    /// The grid of the image, with its spacing. Without an orientation the grid is laid axially at the origin of a frame of
    /// reference of its own.
    /// </summary>
    public required VolumeGeometry Geometry { get; init; }

    /// <summary>Name of the algorithm that drew the mask; null where a person did.</summary>
    public required string? Algorithm { get; init; }

    /// <summary>Who drew it; null where an algorithm did.</summary>
    public string? Creator { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Identifies the image: objects made for one image share study and frame of reference where the image has none.</summary>
    public required string ImageKey { get; init; }

    /// <summary>Identifies the mask: the same mask is the same object however often it is written.</summary>
    public required string MaskKey { get; init; }

    /// <summary>Used where the image was no DICOM object.</summary>
    public StudyFacts Study { get; init; } = new();
}
