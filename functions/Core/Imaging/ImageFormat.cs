namespace TumorFunctions.Core.Imaging;

/// <summary>Formats told apart by content.</summary>
public enum ImageFormat
{
    Unknown,
    Png,
    Jpeg,
    Tiff,
    Dicom,
    Nifti,
    Zip,
}
