namespace TumorFunctions.Core.Imaging.Dicom;

/// <summary>Data elements (PS3.6) that the readers make use of, as group and element in one number.</summary>
internal static class DicomTag
{
    public const uint MediaStorageSopClassUid = 0x00020002;
    public const uint TransferSyntaxUid = 0x00020010;
    public const uint SpecificCharacterSet = 0x00080005;
    public const uint SopClassUid = 0x00080016;
    public const uint SopInstanceUid = 0x00080018;
    public const uint StudyDate = 0x00080020;
    public const uint SeriesDate = 0x00080021;
    public const uint AcquisitionDate = 0x00080022;
    public const uint ContentDate = 0x00080023;
    public const uint StudyTime = 0x00080030;
    public const uint AccessionNumber = 0x00080050;
    public const uint Modality = 0x00080060;
    public const uint InstitutionName = 0x00080080;
    public const uint ReferringPhysicianName = 0x00080090;
    public const uint SeriesDescription = 0x0008103E;
    public const uint PatientName = 0x00100010;
    public const uint PatientId = 0x00100020;
    public const uint PatientBirthDate = 0x00100030;
    public const uint PatientSex = 0x00100040;
    public const uint PatientAge = 0x00101010;
    public const uint BodyPartExamined = 0x00180015;
    public const uint SliceThickness = 0x00180050;
    public const uint SpacingBetweenSlices = 0x00180088;
    public const uint ImagerPixelSpacing = 0x00181164;
    public const uint NominalScannedPixelSpacing = 0x00182010;
    public const uint StudyInstanceUid = 0x0020000D;
    public const uint SeriesInstanceUid = 0x0020000E;
    public const uint StudyId = 0x00200010;
    public const uint InstanceNumber = 0x00200013;
    public const uint ImagePosition = 0x00200032;
    public const uint ImageOrientation = 0x00200037;
    public const uint FrameOfReferenceUid = 0x00200052;
    public const uint PlanePositionSequence = 0x00209113;
    public const uint PlaneOrientationSequence = 0x00209116;
    public const uint SamplesPerPixel = 0x00280002;
    public const uint PhotometricInterpretation = 0x00280004;
    public const uint PlanarConfiguration = 0x00280006;
    public const uint NumberOfFrames = 0x00280008;
    public const uint Rows = 0x00280010;
    public const uint Columns = 0x00280011;
    public const uint PixelSpacing = 0x00280030;
    public const uint BitsAllocated = 0x00280100;
    public const uint BitsStored = 0x00280101;
    public const uint HighBit = 0x00280102;
    public const uint PixelRepresentation = 0x00280103;
    public const uint WindowCenter = 0x00281050;
    public const uint WindowWidth = 0x00281051;
    public const uint RescaleIntercept = 0x00281052;
    public const uint RescaleSlope = 0x00281053;
    public const uint RescaleType = 0x00281054;
    public const uint VoiLutFunction = 0x00281056;
    public const uint RedPaletteDescriptor = 0x00281101;
    public const uint GreenPaletteDescriptor = 0x00281102;
    public const uint BluePaletteDescriptor = 0x00281103;
    public const uint RedPalette = 0x00281201;
    public const uint GreenPalette = 0x00281202;
    public const uint BluePalette = 0x00281203;
    public const uint ModalityLutSequence = 0x00283000;
    public const uint LutDescriptor = 0x00283002;
    public const uint LutData = 0x00283006;
    public const uint PixelMeasuresSequence = 0x00289110;
    public const uint FrameVoiLutSequence = 0x00289132;
    public const uint PixelValueTransformationSequence = 0x00289145;
    public const uint Units = 0x00541001;
    public const uint DoseUnits = 0x30040002;
    public const uint GridFrameOffsetVector = 0x3004000C;
    public const uint DoseGridScaling = 0x3004000E;
    public const uint SharedFunctionalGroups = 0x52009229;
    public const uint PerFrameFunctionalGroups = 0x52009230;
    public const uint ExtendedOffsetTable = 0x7FE00001;
    public const uint FloatPixelData = 0x7FE00008;
    public const uint DoubleFloatPixelData = 0x7FE00009;
    public const uint PixelData = 0x7FE00010;
    public const uint Item = 0xFFFEE000;
    public const uint ItemEnd = 0xFFFEE00D;
    public const uint SequenceEnd = 0xFFFEE0DD;

    private static readonly HashSet<uint> Sequences =
    [
        PlanePositionSequence, PlaneOrientationSequence, ModalityLutSequence, PixelMeasuresSequence, FrameVoiLutSequence,
        PixelValueTransformationSequence, SharedFunctionalGroups, PerFrameFunctionalGroups,
    ];

    private static readonly HashSet<uint> Values =
    [
        MediaStorageSopClassUid, TransferSyntaxUid, SpecificCharacterSet, SopClassUid, StudyDate, SeriesDate, AcquisitionDate, ContentDate, Modality,
        InstitutionName, SeriesDescription, PatientName, PatientId, PatientBirthDate, PatientSex, PatientAge, BodyPartExamined,
        SliceThickness, SpacingBetweenSlices, ImagerPixelSpacing, NominalScannedPixelSpacing, SeriesInstanceUid, InstanceNumber,
        ImagePosition, ImageOrientation, SamplesPerPixel, PhotometricInterpretation, PlanarConfiguration, NumberOfFrames, Rows,
        Columns, PixelSpacing, BitsAllocated, BitsStored, HighBit, PixelRepresentation, WindowCenter, WindowWidth,
        RescaleIntercept, RescaleSlope, RescaleType, VoiLutFunction, RedPaletteDescriptor, GreenPaletteDescriptor,
        BluePaletteDescriptor, RedPalette, GreenPalette, BluePalette, LutDescriptor, LutData, Units, DoseUnits,
        GridFrameOffsetVector, DoseGridScaling, ExtendedOffsetTable, SopInstanceUid, StudyTime, AccessionNumber,
        ReferringPhysicianName, StudyInstanceUid, StudyId, FrameOfReferenceUid,
    ];

    /// <summary>Whether the items of this sequence are kept.</summary>
    public static bool IsWantedSequence(uint tag) => Sequences.Contains(tag);

    /// <summary>Whether the value of this element is kept.</summary>
    public static bool IsWantedValue(uint tag) => Values.Contains(tag);

    public static bool IsPixelData(uint tag) => tag is PixelData or FloatPixelData or DoubleFloatPixelData;

    /// <summary>The tag as the standard prints it.</summary>
    public static string Print(uint tag) => $"({tag >> 16:X4},{tag & 0xFFFF:X4})";
}
