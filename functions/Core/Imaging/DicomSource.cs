namespace TumorFunctions.Core.Imaging;

/// <summary>The DICOM objects that a volume was read from, as an object derived from it has to name them.</summary>
public sealed record DicomSource
{
    public string? StudyInstanceUid { get; init; }

    public string? SeriesInstanceUid { get; init; }

    public string? FrameOfReferenceUid { get; init; }

    /// <summary>What each slice of the volume was stored as; empty where the file does not identify itself.</summary>
    public IReadOnlyList<DicomReference> Slices { get; init; } = [];

    /// <summary>The name with its parts and groups as DICOM writes it.</summary>
    public string? PatientName { get; init; }

    public string? PatientId { get; init; }

    /// <summary>yyyyMMdd.</summary>
    public string? PatientBirthDate { get; init; }

    public string? PatientSex { get; init; }

    /// <summary>yyyyMMdd.</summary>
    public string? StudyDate { get; init; }

    public string? StudyTime { get; init; }

    public string? StudyId { get; init; }

    public string? AccessionNumber { get; init; }

    public string? ReferringPhysicianName { get; init; }
}

/// <summary>An image object, or one frame of it.</summary>
/// <param name="Frame">From 1 on; null for an object of one frame.</param>
public sealed record DicomReference(string SopClassUid, string SopInstanceUid, int? Frame);
