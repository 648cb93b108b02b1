namespace TumorFunctions.Core.Imaging.Dicom;

/// <summary>How pixel data is packed into fragments.</summary>
internal enum DicomCodec
{
    Native,
    Rle,
    Jpeg,
    JpegLs,
}

/// <summary>A transfer syntax of PS3.5, annex A.</summary>
internal sealed record TransferSyntax(string Name, bool BigEndian, bool ExplicitVr, bool Deflated, DicomCodec Codec)
{
    public static TransferSyntax ImplicitLittleEndian { get; } = new("Implicit VR Little Endian", false, false, false, DicomCodec.Native);

    public static TransferSyntax ExplicitLittleEndian { get; } = new("Explicit VR Little Endian", false, true, false, DicomCodec.Native);

    public static TransferSyntax ExplicitBigEndian { get; } = new("Explicit VR Big Endian", true, true, false, DicomCodec.Native);

    private static readonly Dictionary<string, TransferSyntax> Read = new()
    {
        ["1.2.840.10008.1.2"] = ImplicitLittleEndian,
        ["1.2.840.10008.1.2.1"] = ExplicitLittleEndian,
        ["1.2.840.10008.1.2.1.98"] = new("Encapsulated Uncompressed", false, true, false, DicomCodec.Native),
        ["1.2.840.10008.1.2.1.99"] = new("Deflated Explicit VR Little Endian", false, true, true, DicomCodec.Native),
        ["1.2.840.10008.1.2.2"] = ExplicitBigEndian,
        ["1.2.840.10008.1.2.5"] = Encapsulated("RLE Lossless", DicomCodec.Rle),
        ["1.2.840.10008.1.2.4.50"] = Encapsulated("JPEG Baseline", DicomCodec.Jpeg),
        ["1.2.840.10008.1.2.4.51"] = Encapsulated("JPEG Extended", DicomCodec.Jpeg),
        ["1.2.840.10008.1.2.4.53"] = Encapsulated("JPEG Spectral Selection", DicomCodec.Jpeg),
        ["1.2.840.10008.1.2.4.55"] = Encapsulated("JPEG Full Progression", DicomCodec.Jpeg),
        ["1.2.840.10008.1.2.4.57"] = Encapsulated("JPEG Lossless", DicomCodec.Jpeg),
        ["1.2.840.10008.1.2.4.70"] = Encapsulated("JPEG Lossless, First-Order Prediction", DicomCodec.Jpeg),
        ["1.2.840.10008.1.2.4.80"] = Encapsulated("JPEG-LS Lossless", DicomCodec.JpegLs),
        ["1.2.840.10008.1.2.4.81"] = Encapsulated("JPEG-LS Near-Lossless", DicomCodec.JpegLs),
    };

    private static readonly Dictionary<string, string> Refused = new()
    {
        ["1.2.840.10008.1.2.4.90"] = "JPEG 2000 Lossless",
        ["1.2.840.10008.1.2.4.91"] = "JPEG 2000",
        ["1.2.840.10008.1.2.4.92"] = "JPEG 2000 Multi-component Lossless",
        ["1.2.840.10008.1.2.4.93"] = "JPEG 2000 Multi-component",
        ["1.2.840.10008.1.2.4.94"] = "JPIP Referenced",
        ["1.2.840.10008.1.2.4.95"] = "JPIP Referenced Deflate",
        ["1.2.840.10008.1.2.4.100"] = "MPEG2 Main Profile / Main Level",
        ["1.2.840.10008.1.2.4.101"] = "MPEG2 Main Profile / High Level",
        ["1.2.840.10008.1.2.4.102"] = "MPEG-4 AVC/H.264",
        ["1.2.840.10008.1.2.4.103"] = "MPEG-4 AVC/H.264 BD-compatible",
        ["1.2.840.10008.1.2.4.107"] = "HEVC/H.265",
        ["1.2.840.10008.1.2.4.110"] = "JPEG XL Lossless",
        ["1.2.840.10008.1.2.4.111"] = "JPEG XL Recompression",
        ["1.2.840.10008.1.2.4.112"] = "JPEG XL",
        ["1.2.840.10008.1.2.4.201"] = "High-Throughput JPEG 2000 Lossless",
        ["1.2.840.10008.1.2.4.202"] = "High-Throughput JPEG 2000 RPCL",
        ["1.2.840.10008.1.2.4.203"] = "High-Throughput JPEG 2000",
    };

    /// <exception cref="ImageFormatException">The transfer syntax is not read; the message names it.</exception>
    public static TransferSyntax Find(string uid)
    {
        if (Read.TryGetValue(uid, out TransferSyntax? syntax))
            return syntax;

        string name = Refused.TryGetValue(uid, out string? known) ? $"{known} ({uid})" : uid;
        throw Refusal.Unsupported(
            $"The DICOM file has transfer syntax {name}, which is not read; uncompressed, deflated, RLE, JPEG and JPEG-LS are.");
    }

    private static TransferSyntax Encapsulated(string name, DicomCodec codec) => new(name, false, true, false, codec);
}
