using System.Buffers;

namespace TumorFunctions.Core.Imaging.Dicom;

/// <summary>Reads how a data set identifies itself, for objects that refer to it.</summary>
internal static class DicomIdentity
{
    private const int MaxUidLength = 64;

    private static readonly SearchValues<char> UidCharacters = SearchValues.Create("0123456789.");

    /// <param name="frame">From 1 on; null for an object of one frame.</param>
    /// <returns>Null where the object does not identify itself.</returns>
    public static DicomReference? Reference(DicomDataSet dataSet, int? frame) =>
        Uid(dataSet, DicomTag.SopClassUid) is { } sopClass && Uid(dataSet, DicomTag.SopInstanceUid) is { } instance
            ? new DicomReference(sopClass, instance, frame)
            : null;

    /// <param name="slices">In the order of the volume.</param>
    public static DicomSource Source(DicomDataSet dataSet, IReadOnlyList<DicomReference?> slices, int depth) => new()
    {
        StudyInstanceUid = Uid(dataSet, DicomTag.StudyInstanceUid),
        SeriesInstanceUid = Uid(dataSet, DicomTag.SeriesInstanceUid),
        FrameOfReferenceUid = Uid(dataSet, DicomTag.FrameOfReferenceUid),
        Slices = slices.Count == depth && slices.All(slice => slice is not null) ? [.. slices.Select(slice => slice!)] : [],
        PatientName = DicomText.Decode(dataSet, DicomTag.PatientName),
        PatientId = DicomText.Decode(dataSet, DicomTag.PatientId),
        PatientBirthDate = dataSet.Text(DicomTag.PatientBirthDate),
        PatientSex = dataSet.Text(DicomTag.PatientSex),
        StudyDate = dataSet.Text(DicomTag.StudyDate),
        StudyTime = dataSet.Text(DicomTag.StudyTime),
        StudyId = DicomText.Decode(dataSet, DicomTag.StudyId),
        AccessionNumber = DicomText.Decode(dataSet, DicomTag.AccessionNumber),
        ReferringPhysicianName = DicomText.Decode(dataSet, DicomTag.ReferringPhysicianName),
    };

    // Digits and dots (PS3.5, 9.1); anything else is no identifier that another object could name.
    private static string? Uid(DicomDataSet dataSet, uint tag) =>
        dataSet.Text(tag) is { Length: <= MaxUidLength } uid && !uid.AsSpan().ContainsAnyExcept(UidCharacters) ? uid : null;
}
