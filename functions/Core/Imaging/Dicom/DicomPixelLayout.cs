namespace TumorFunctions.Core.Imaging.Dicom;

internal enum DicomPhotometric
{
    Monochrome1,
    Monochrome2,
    Palette,
    Rgb,
    YbrFull,
    YbrFull422,
    YbrPartial,
    YbrPartial422,
    YbrPartial420,
}

/// <summary>How the samples of the frames are laid out (PS3.3, C.7.6.3; PS3.5, 8), found consistent.</summary>
internal sealed class DicomPixelLayout
{
    private const int MaxFrames = 1 << 16;

    public DicomPixelLayout(DicomDataSet dataSet, DicomPixelElement pixels, DicomCodec codec, ImageLimits limits)
    {
        long width = Required(dataSet, DicomTag.Columns, "columns");
        long height = Required(dataSet, DicomTag.Rows, "rows");
        long frames = dataSet.Integer(DicomTag.NumberOfFrames) ?? 1;
        limits.Check("DICOM image", width, height, frames);
        if (frames > MaxFrames)
            throw Refusal.TooLarge($"The DICOM image has {frames} frames; at most {MaxFrames} are read.");
        (Width, Height, Frames) = ((int)width, (int)height, (int)frames);

        Samples = (int)(dataSet.Integer(DicomTag.SamplesPerPixel) ?? 1);
        Photometric = Unpacked(ParsePhotometric(dataSet.Text(DicomTag.PhotometricInterpretation), Samples), codec);
        BitsAllocated = (int)Math.Min(Required(dataSet, DicomTag.BitsAllocated, "bits allocated"), int.MaxValue);
        BitsStored = (int)(dataSet.Integer(DicomTag.BitsStored) ?? BitsAllocated);
        HighBit = (int)(dataSet.Integer(DicomTag.HighBit) ?? BitsStored - 1);
        IsSigned = dataSet.Integer(DicomTag.PixelRepresentation) == 1;
        IsFloat = pixels.Tag is DicomTag.FloatPixelData or DicomTag.DoubleFloatPixelData;
        IsPlanar = Samples > 1 && dataSet.Integer(DicomTag.PlanarConfiguration) == 1;
        SwapsBytes = pixels.Vr == ValueRepresentation.OtherWord && BitsAllocated == 8 && dataSet.BigEndian && codec == DicomCodec.Native;
        RequireReadable(codec);
    }

    public int Width { get; }

    public int Height { get; }

    public int Frames { get; }

    /// <summary>Samples a pixel: 1 or 3.</summary>
    public int Samples { get; }

    public DicomPhotometric Photometric { get; }

    public int BitsAllocated { get; }

    public int BitsStored { get; }

    public int HighBit { get; }

    public bool IsSigned { get; }

    public bool IsFloat { get; }

    /// <summary>Whether the planes of a frame's colours follow each other instead of interleaving.</summary>
    public bool IsPlanar { get; }

    /// <summary>Whether bytes are stored as the halves of big-endian words.</summary>
    public bool SwapsBytes { get; }

    public int Pixels => Width * Height;

    /// <summary>Bits of a frame that is not compressed.</summary>
    public long FrameBits => Photometric switch
    {
        DicomPhotometric.YbrFull422 or DicomPhotometric.YbrPartial422 => 2L * Pixels * BitsAllocated,
        DicomPhotometric.YbrPartial420 => 3L * Pixels * BitsAllocated / 2,
        _ => (long)Pixels * Samples * BitsAllocated,
    };

    private static long Required(DicomDataSet dataSet, uint tag, string name) =>
        dataSet.Integer(tag) ?? throw Refusal.Corrupt($"The DICOM image does not state its {name} {DicomTag.Print(tag)}.");

    private static DicomPhotometric ParsePhotometric(string? name, int samples) => name switch
    {
        "MONOCHROME1" => DicomPhotometric.Monochrome1,
        "MONOCHROME2" => DicomPhotometric.Monochrome2,
        "PALETTE COLOR" => DicomPhotometric.Palette,
        "RGB" or "YBR_RCT" or "YBR_ICT" => DicomPhotometric.Rgb,
        "YBR_FULL" => DicomPhotometric.YbrFull,
        "YBR_FULL_422" => DicomPhotometric.YbrFull422,
        "YBR_PARTIAL_422" => DicomPhotometric.YbrPartial422,
        "YBR_PARTIAL_420" => DicomPhotometric.YbrPartial420,
        null => samples == 1 ? DicomPhotometric.Monochrome2 : DicomPhotometric.Rgb,
        _ => throw Refusal.Unsupported(
            $"The DICOM image has photometric interpretation {name[..Math.Min(name.Length, 32)]}; MONOCHROME1, MONOCHROME2, PALETTE COLOR, RGB and YBR are read."),
    };

    // Codecs give back every sample of each colour, or the luma alone.
    private static DicomPhotometric Unpacked(DicomPhotometric photometric, DicomCodec codec) => photometric switch
    {
        DicomPhotometric.YbrFull422 when codec != DicomCodec.Native => DicomPhotometric.YbrFull,
        DicomPhotometric.YbrPartial422 or DicomPhotometric.YbrPartial420 when codec != DicomCodec.Native => DicomPhotometric.YbrPartial,
        _ => photometric,
    };

    private void RequireReadable(DicomCodec codec)
    {
        bool isGrey = Photometric is DicomPhotometric.Monochrome1 or DicomPhotometric.Monochrome2 or DicomPhotometric.Palette;
        if (Samples != (isGrey ? 1 : 3))
            throw Refusal.Corrupt($"The DICOM image has {Samples} samples a pixel, which {Photometric} does not have.");

        if (IsFloat)
        {
            if (BitsAllocated is not (32 or 64) || !isGrey || codec != DicomCodec.Native)
                throw Refusal.Unsupported($"The DICOM image has floating-point pixels of {BitsAllocated} bits; plain grey ones of 32 or 64 are read.");
            return;
        }

        bool known = BitsAllocated is 8 or 16 or 32 || (BitsAllocated == 1 && codec == DicomCodec.Native && isGrey);
        if (!known || (codec is DicomCodec.Jpeg or DicomCodec.JpegLs && BitsAllocated > 16))
            throw Refusal.Unsupported($"The DICOM image has {BitsAllocated} bits allocated a sample; 1, 8, 16 and 32 are read.");
        if (BitsStored < 1 || BitsStored > BitsAllocated || HighBit < BitsStored - 1 || HighBit >= BitsAllocated)
            throw Refusal.Corrupt($"The DICOM image states {BitsStored} bits stored up to bit {HighBit} of {BitsAllocated} allocated.");
        if (!isGrey && BitsAllocated > 8 && Photometric != DicomPhotometric.Rgb && Photometric != DicomPhotometric.YbrFull)
            throw Refusal.Unsupported($"The DICOM image has {Photometric} colours of {BitsAllocated} bits.");
    }
}
