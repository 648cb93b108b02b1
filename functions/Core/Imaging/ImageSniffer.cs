using System.IO.Compression;
using TumorFunctions.Core.Imaging.Dicom;
using TumorFunctions.Core.Imaging.Nifti;

namespace TumorFunctions.Core.Imaging;

/// <summary>Tells formats apart by the first bytes of a file, never by its name.</summary>
public static class ImageSniffer
{
    /// <summary>As many bytes of a file as <see cref="Identify"/> makes use of.</summary>
    public const int HeadLength = 1024;

    private const int DicomPreamble = 128;

    internal static ReadOnlySpan<byte> PngSignature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <param name="head">The first <see cref="HeadLength"/> bytes of the file, or all of a shorter one.</param>
    public static ImageFormat Identify(ReadOnlySpan<byte> head)
    {
        // DICOM first: its preamble may hold the header of another format, TIFF by habit (PS3.10, 7.1).
        if (head.Length >= DicomPreamble + 4 && head.Slice(DicomPreamble, 4).SequenceEqual("DICM"u8))
            return ImageFormat.Dicom;

        if (head.StartsWith(PngSignature))
            return ImageFormat.Png;

        if (head is [0xFF, 0xD8, 0xFF, ..])
            return ImageFormat.Jpeg;

        if (head is [(byte)'I', (byte)'I', 42 or 43, 0, ..] or [(byte)'M', (byte)'M', 0, 42 or 43, ..])
            return ImageFormat.Tiff;

        if (head is [(byte)'P', (byte)'K', 3, 4, ..] or [(byte)'P', (byte)'K', 5, 6, ..])
            return ImageFormat.Zip;

        if (NiftiSignature.IsHeader(head) || IsGzippedNifti(head))
            return ImageFormat.Nifti;

        return DicomSignature.IsBareDataSet(head) ? ImageFormat.Dicom : ImageFormat.Unknown;
    }

    internal static bool IsGzip(ReadOnlySpan<byte> head) => head is [0x1F, 0x8B, 8, ..];

    private static bool IsGzippedNifti(ReadOnlySpan<byte> head)
    {
        if (!IsGzip(head))
            return false;

        Span<byte> inflated = stackalloc byte[NiftiSignature.Length];
        int count = 0;
        using GZipStream gzip = new(new MemoryStream(head.ToArray()), CompressionMode.Decompress);
        try
        {
            // One byte at a time: what a cut-off member still yields is wanted, whatever the stream says at its end.
            while (count < inflated.Length && gzip.ReadByte() is var value and >= 0)
                inflated[count++] = (byte)value;
        }
        catch (InvalidDataException)
        {
        }

        return NiftiSignature.IsHeader(inflated[..count]);
    }
}
