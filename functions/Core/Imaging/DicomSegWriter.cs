using System.Globalization;
using System.Reflection;
using TumorFunctions.Core.Imaging.Dicom;

namespace TumorFunctions.Core.Imaging;

/// <summary>
/// Writes masks as DICOM Segmentation objects (PS3.3, A.51): binary, one segment, a frame for each slice that holds some of it
/// (for every slice where none does), packed to bits.
/// </summary>
public static class DicomSegWriter
{
    private const string SegmentationStorage = "1.2.840.10008.5.1.4.1.1.66.4";
    private const string ExplicitLittleEndian = "1.2.840.10008.1.2.1";
    private const string Product = "TumorFunctions";

    private static readonly string ImplementationUid = DicomUid.Of(Product);

    private static readonly string Version = typeof(DicomSegWriter).Assembly.GetName().Version?.ToString(3)
        ?? typeof(DicomSegWriter).Assembly.GetCustomAttribute<AssemblyFileVersionAttribute>()?.Version ?? "0";

    /// <summary>Writes a Part 10 file, explicit VR little endian.</summary>
    /// <param name="destination">Left open.</param>
    /// <exception cref="ArgumentException">The grid has no spacing, or another size than the mask.</exception>
    public static void Write(Stream destination, DicomSegmentation segmentation)
    {
        (Mask mask, VolumeGeometry geometry) = (segmentation.Mask, segmentation.Geometry);
        if ((mask.Width, mask.Height, mask.Depth) != (geometry.Width, geometry.Height, geometry.Depth))
            throw new ArgumentException($"A mask of {mask.Width}×{mask.Height}×{mask.Depth} does not lie on a grid of {geometry.Width}×{geometry.Height}×{geometry.Depth}.", nameof(segmentation));
        if (geometry.Spacing is null)
            throw new ArgumentException("A segmentation needs the spacing of its pixels.", nameof(segmentation));

        string instance = DicomUid.Of($"{segmentation.MaskKey}/instance");
        destination.Write(new byte[128]);
        destination.Write("DICM"u8);
        byte[] meta = new DicomElements()
            .Bytes(0x00020001, [0, 1])
            .Text(DicomTag.MediaStorageSopClassUid, "UI", SegmentationStorage)
            .Text(0x00020003, "UI", instance)
            .Text(DicomTag.TransferSyntaxUid, "UI", ExplicitLittleEndian)
            .Text(0x00020012, "UI", ImplementationUid)
            .Text(0x00020013, "SH", Product)
            .ToBytes();
        new DicomElements().Longs(0x00020000, (uint)meta.Length).WriteTo(destination);
        destination.Write(meta);

        int[] all = [.. Enumerable.Range(0, mask.Depth)];
        int[] held = [.. all.Where(z => mask.Slice(z).ContainsAnyExcept((byte)0))];
        int[] slices = held.Length > 0 ? held : all;
        DicomElements dataSet = new();
        AddInstance(dataSet, segmentation, instance);
        AddPatientAndStudy(dataSet, segmentation);
        AddReferences(dataSet, geometry.Source, slices);
        DicomSegGeometry.AddTo(dataSet, segmentation, slices);
        AddSegment(dataSet, segmentation);
        dataSet.Bytes(DicomTag.PixelData, Pack(mask, slices));
        dataSet.WriteTo(destination);
    }

    private static void AddInstance(DicomElements dataSet, DicomSegmentation segmentation, string instance)
    {
        string date = segmentation.CreatedAt.UtcDateTime.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        string time = segmentation.CreatedAt.UtcDateTime.ToString("HHmmss", CultureInfo.InvariantCulture);
        dataSet
            .Text(DicomTag.SpecificCharacterSet, "CS", "ISO_IR 192")
            .Text(0x00080008, "CS", "DERIVED", "PRIMARY")
            .Text(0x00080012, "DA", date)
            .Text(0x00080013, "TM", time)
            .Text(DicomTag.SopClassUid, "UI", SegmentationStorage)
            .Text(DicomTag.SopInstanceUid, "UI", instance)
            .Text(DicomTag.SeriesDate, "DA", date)
            .Text(DicomTag.ContentDate, "DA", date)
            .Text(0x00080031, "TM", time)
            .Text(0x00080033, "TM", time)
            .Text(DicomTag.Modality, "CS", "SEG")
            .Text(0x00080070, "LO", Product)
            .Text(DicomTag.SeriesDescription, "LO", segmentation.Algorithm is null ? "Tumour segmentation (manual)" : "Tumour segmentation")
            .Text(0x00081090, "LO", Product)
            .Text(0x00181000, "LO", "0")
            .Text(0x00181020, "LO", Version)
            .Text(DicomTag.SeriesInstanceUid, "UI", DicomUid.Of($"{segmentation.MaskKey}/series"))
            .Text(0x00200011, "IS", "900")
            .Text(DicomTag.InstanceNumber, "IS", "1")
            .Text(0x00282110, "CS", "00")
            .Text(0x00700080, "CS", "TUMOUR")
            .Text(0x00700081, "LO", "Outline of the brain tumour")
            .Text(0x00700084, "PN", segmentation.Creator is { } creator ? DicomName.Of(creator) : null);
    }

    private static void AddPatientAndStudy(DicomElements dataSet, DicomSegmentation segmentation)
    {
        (DicomSource? source, StudyFacts facts) = (segmentation.Geometry.Source, segmentation.Study);
        dataSet
            .Text(DicomTag.StudyDate, "DA", source is null ? facts.StudyDate?.Replace("-", "", StringComparison.Ordinal) : source.StudyDate)
            .Text(DicomTag.StudyTime, "TM", source?.StudyTime)
            .Text(DicomTag.AccessionNumber, "SH", source?.AccessionNumber)
            .Text(DicomTag.ReferringPhysicianName, "PN", source?.ReferringPhysicianName)
            .Text(DicomTag.PatientName, "PN", source is null ? facts.PatientName is { } name ? DicomName.Of(name) : null : source.PatientName)
            .Text(DicomTag.PatientId, "LO", source is null ? facts.PatientId?.Replace('\\', '/') : source.PatientId)
            .Text(DicomTag.PatientBirthDate, "DA", source?.PatientBirthDate)
            .Text(DicomTag.PatientSex, "CS", source is null ? facts.Gender : source.PatientSex)
            .Text(DicomTag.StudyInstanceUid, "UI", source?.StudyInstanceUid ?? DicomUid.Of($"{segmentation.ImageKey}/study"))
            .Text(DicomTag.StudyId, "SH", source?.StudyId);
        if (source is null && facts.Age is { } age)
            dataSet.Text(DicomTag.PatientAge, "AS", string.Create(CultureInfo.InvariantCulture, $"{age:000}Y"));
    }

    // Common Instance Reference (PS3.3, C.12.2).
    private static void AddReferences(DicomElements dataSet, DicomSource? source, int[] slices)
    {
        if (source is not { SeriesInstanceUid: { } series, Slices.Count: > 0 })
            return;

        IEnumerable<DicomElements> instances = slices
            .Select(z => source.Slices[z] with { Frame = null })
            .Distinct()
            .Select(DicomSegGeometry.Reference);
        dataSet.Sequence(
            0x00081115,
            new DicomElements().Text(DicomTag.SeriesInstanceUid, "UI", series).Sequence(0x0008114A, instances));
    }

    private static void AddSegment(DicomElements dataSet, DicomSegmentation segmentation)
    {
        DicomElements segment = new DicomElements()
            .Short(0x00620004, 1)
            .Text(0x00620005, "LO", "Tumour")
            .Text(0x00620008, "CS", segmentation.Algorithm is null ? "MANUAL" : "AUTOMATIC")
            .Code(0x00620003, "49755003", "SCT", "Morphologically Abnormal Structure")
            .Code(0x0062000F, "108369006", "SCT", "Neoplasm")
            .Code(0x00082218, "12738006", "SCT", "Brain");
        if (segmentation.Algorithm is { } algorithm)
            segment.Text(0x00620009, "LO", algorithm[..Math.Min(algorithm.Length, 64)].Replace('\\', '/'));
        dataSet
            .Text(0x00620001, "CS", "BINARY")
            .Text(0x00620013, "CS", "NO")
            .Sequence(0x00620002, segment);
    }

    // The first pixel is the lowest bit; frames follow each other without padding (PS3.5, 8.1.1).
    private static byte[] Pack(Mask mask, int[] slices)
    {
        int pixels = mask.Width * mask.Height;
        byte[] bits = new byte[(((long)pixels * slices.Length) + 7) / 8];
        long at = 0;
        foreach (int z in slices)
        {
            ReadOnlySpan<byte> slice = mask.Slice(z);
            for (int i = slice.IndexOfAnyExcept((byte)0); i >= 0 && i < pixels; i++)
            {
                if (slice[i] != 0)
                    bits[(at + i) >> 3] |= (byte)(1 << (int)((at + i) & 7));
            }

            at += pixels;
        }

        return bits;
    }
}
