using System.IO.Compression;
using TumorFunctions.Core.Imaging.Dicom;

namespace TumorFunctions.Core.Imaging.Zip;

/// <summary>What the files of a zip are, by their content.</summary>
internal sealed class ZipContent
{
    private int _passedOver;

    public List<DicomFile> Images { get; } = [];

    /// <summary>Images of other formats.</summary>
    public List<ZipArchiveEntry> Others { get; } = [];

    /// <summary>What had to be decided.</summary>
    public IReadOnlyList<string> Notes =>
        _passedOver > 0 ? [$"{_passedOver} files of the zip are no images and were passed over."] : [];

    public void Add(ZipArchiveEntry entry, ImageLimits limits)
    {
        switch (Identify(entry))
        {
            case ImageFormat.Unknown:
                _passedOver++;
                break;
            case ImageFormat.Dicom:
                AddDicom(entry, limits);
                break;
            case ImageFormat.Zip:
                throw Refusal.Unsupported($"The zip holds another zip, {entry.FullName}; the images themselves are needed.");
            default:
                Others.Add(entry);
                break;
        }
    }

    private static ImageFormat Identify(ZipArchiveEntry entry)
    {
        Span<byte> head = stackalloc byte[ImageSniffer.HeadLength];
        using Stream unpacked = entry.Open();
        return ImageSniffer.Identify(head[..unpacked.ReadAtLeast(head, head.Length, throwOnEndOfStream: false)]);
    }

    private void AddDicom(ZipArchiveEntry entry, ImageLimits limits)
    {
        try
        {
            using Stream unpacked = entry.Open();
            DicomHeader header = DicomParser.Parse(unpacked, entry.Length);
            if (header.Pixels is null)
                _passedOver++;
            else
                Images.Add(DicomFile.Of(entry, DicomImage.Of(header, limits)));
        }
        catch (ImageFormatException e)
        {
            throw new ImageFormatException(e.Fault, $"{entry.FullName}: {e.Message}", e.InnerException);
        }
    }
}
