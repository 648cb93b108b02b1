namespace TumorFunctions.Core.Imaging.Dicom;

/// <summary>The luma of a palette's colours (PS3.3, C.7.6.3.1.5), 0 to 255.</summary>
internal sealed class DicomPalette
{
    private const int MaxEntries = 1 << 16;

    private readonly double[] _luma;
    private readonly int _first;

    /// <param name="isSigned">Whether indices are signed, and with them the first one mapped.</param>
    public DicomPalette(DicomDataSet dataSet, bool isSigned)
    {
        ushort first = dataSet.Words(DicomTag.RedPaletteDescriptor) is [_, var mapped, ..] ? mapped : (ushort)0;
        _first = isSigned ? (short)first : first;
        double[] red = Channel(dataSet, DicomTag.RedPaletteDescriptor, DicomTag.RedPalette);
        double[] green = Channel(dataSet, DicomTag.GreenPaletteDescriptor, DicomTag.GreenPalette);
        double[] blue = Channel(dataSet, DicomTag.BluePaletteDescriptor, DicomTag.BluePalette);
        if (red.Length != green.Length || red.Length != blue.Length)
            throw Refusal.Corrupt("The palettes of the DICOM image differ in length.");

        _luma = new double[red.Length];
        for (int i = 0; i < _luma.Length; i++)
            _luma[i] = ((299 * red[i]) + (587 * green[i]) + (114 * blue[i])) / 1000;
    }

    /// <summary>Indices to luma, in place; an index outside the palette takes its nearest end.</summary>
    public void Expand(Span<double> values)
    {
        foreach (ref double value in values)
            value = _luma[Math.Clamp((int)value - _first, 0, _luma.Length - 1)];
    }

    private static double[] Channel(DicomDataSet dataSet, uint descriptorTag, uint dataTag)
    {
        ushort[] descriptor = dataSet.Words(descriptorTag);
        if (descriptor.Length < 3 || descriptor[2] is not (8 or 16))
            throw Refusal.Corrupt("The DICOM image lacks a palette or its description.");

        int entries = descriptor[0] == 0 ? MaxEntries : descriptor[0];
        byte[] bytes = dataSet.Bytes(dataTag);
        ushort[] words = dataSet.Words(dataTag);
        if (bytes.Length < entries)
            throw Refusal.Corrupt($"A palette of the DICOM image has {bytes.Length} bytes for {entries} colours; segmented palettes are not read.");

        // Eight-bit entries may lie one to a byte or, against the standard, one to a word.
        bool isWide = bytes.Length >= 2 * entries;
        bool isDeep = descriptor[2] == 16 && isWide;
        double[] values = new double[entries];
        for (int i = 0; i < entries; i++)
            values[i] = isDeep ? Math.Min(words[i] / 256.0, 255) : isWide ? words[i] : bytes[i];
        return values;
    }
}
