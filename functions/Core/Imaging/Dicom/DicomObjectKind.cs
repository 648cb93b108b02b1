namespace TumorFunctions.Core.Imaging.Dicom;

/// <summary>Names what a DICOM file without pixels is, by its SOP class (PS3.4, B.5).</summary>
internal static class DicomObjectKind
{
    private static readonly (string Uid, string Name)[] Kinds =
    [
        ("1.2.840.10008.1.3.10", "a media directory (DICOMDIR)"),
        ("1.2.840.10008.5.1.4.1.1.481.3", "a radiotherapy structure set (RTSTRUCT)"),
        ("1.2.840.10008.5.1.4.1.1.481.5", "a radiotherapy plan (RTPLAN)"),
        ("1.2.840.10008.5.1.4.1.1.481.8", "a radiotherapy ion plan (RTPLAN)"),
        ("1.2.840.10008.5.1.4.1.1.481", "a radiotherapy object"),
        ("1.2.840.10008.5.1.4.1.1.88.59", "a key object selection (KO)"),
        ("1.2.840.10008.5.1.4.1.1.88", "a structured report (SR)"),
        ("1.2.840.10008.5.1.4.1.1.11", "a presentation state (PR)"),
        ("1.2.840.10008.5.1.4.1.1.104.1", "an encapsulated PDF"),
        ("1.2.840.10008.5.1.4.1.1.104", "an encapsulated document"),
        ("1.2.840.10008.5.1.4.1.1.9", "a waveform"),
        ("1.2.840.10008.5.1.4.1.1.66.5", "a surface segmentation"),
        ("1.2.840.10008.5.1.4.1.1.66", "raw, registration or fiducial data"),
        ("1.2.840.10008.5.1.4.1.1.4.2", "MR spectroscopy"),
    ];

    public static ImageFormatException WithoutPixels(DicomDataSet meta, DicomDataSet dataSet)
    {
        string uid = dataSet.Text(DicomTag.SopClassUid) ?? meta.Text(DicomTag.MediaStorageSopClassUid) ?? "";
        string? name = Array.Find(Kinds, kind => uid == kind.Uid || uid.StartsWith(kind.Uid + ".", StringComparison.Ordinal)).Name;
        string what = name is not null ? $"holds {name}, which has no pixels"
            : dataSet.Text(DicomTag.Modality) is { } modality ? $"has no pixel data (modality {modality})"
            : "has no pixel data";
        return Refusal.Unsupported($"The DICOM file {what}; a DICOM image is needed.");
    }
}
