using System.IO.Compression;
using TumorFunctions.Core.Imaging.Dicom;

namespace TumorFunctions.Core.Imaging.Zip;

/// <summary>A DICOM image in a zip, as its header describes it.</summary>
/// <param name="Series">Unique identifier of the series; empty where it is not stated.</param>
/// <param name="Title">The series as a user knows it.</param>
/// <param name="Reference">How other objects name the image; null where it does not identify itself.</param>
/// <param name="Number">Instance number; null where it is not stated.</param>
internal sealed record DicomFile(
    ZipArchiveEntry Entry, string Series, string Title, long? Number, int Width, int Height, int Frames, int Samples, DicomPlane Plane,
    DicomReference? Reference)
{
    public string Name => Entry.FullName;

    public static DicomFile Of(ZipArchiveEntry entry, DicomImage image)
    {
        DicomDataSet dataSet = image.Header.DataSet;
        string series = dataSet.Text(DicomTag.SeriesInstanceUid) ?? "";
        string title = DicomText.Decode(dataSet, DicomTag.SeriesDescription) ?? (series.Length > 0 ? series : "without an identifier");
        return new DicomFile(
            entry,
            series,
            title,
            dataSet.Integer(DicomTag.InstanceNumber),
            image.Layout.Width,
            image.Layout.Height,
            image.Layout.Frames,
            image.Layout.Samples,
            image.Plane,
            DicomIdentity.Reference(dataSet, frame: null));
    }
}
