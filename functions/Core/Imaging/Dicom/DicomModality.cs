namespace TumorFunctions.Core.Imaging.Dicom;

/// <summary>
/// What the stored values of a frame mean: the modality transformation of PS3.3, C.11.1, as a line or a table, and a window
/// to show the result with.
/// </summary>
internal sealed class DicomModality
{
    private const int MaxEntries = 1 << 16;

    private readonly bool _inverts;
    private readonly double _slope;
    private readonly double _intercept;
    private readonly double[]? _table;
    private readonly int _first;

    private DicomModality(DicomDataSet dataSet, DicomDataSet values, DicomPixelLayout layout)
    {
        _inverts = layout.Photometric == DicomPhotometric.Monochrome1;
        bool isColour = layout.Samples > 1 || layout.Photometric == DicomPhotometric.Palette;
        _slope = isColour ? 1 : values.Decimal(DicomTag.RescaleSlope) ?? dataSet.Decimal(DicomTag.DoseGridScaling) ?? 1;
        _intercept = isColour ? 0 : values.Decimal(DicomTag.RescaleIntercept) ?? 0;
        if (_slope == 0)
            _slope = 1;
        if (!isColour && !values.Has(DicomTag.RescaleSlope) && dataSet.Item(DicomTag.ModalityLutSequence) is { } lut)
            (_table, _first) = ReadTable(lut, layout.IsSigned);
    }

    /// <param name="perFrame">The functional groups of the frame; null in files without them.</param>
    /// <param name="shared">Those of all frames.</param>
    public static DicomModality Of(DicomDataSet dataSet, DicomDataSet? perFrame, DicomDataSet? shared, DicomPixelLayout layout) =>
        new(
            dataSet,
            perFrame?.Item(DicomTag.PixelValueTransformationSequence)
                ?? shared?.Item(DicomTag.PixelValueTransformationSequence)
                ?? dataSet,
            layout);

    /// <summary>The unit of the values; null for plain grey levels.</summary>
    public static string? Unit(DicomDataSet dataSet, DicomDataSet? shared)
    {
        if (dataSet.Text(DicomTag.DoseUnits) is { } dose)
            return dose == "GY" ? "Gy" : null;
        if (dataSet.Text(DicomTag.Units) is { } units)
            return units;

        DicomDataSet values = shared?.Item(DicomTag.PixelValueTransformationSequence) ?? dataSet;
        return values.Text(DicomTag.RescaleType) switch
        {
            null or "US" => dataSet.Text(DicomTag.Modality) == "CT" && values.Has(DicomTag.RescaleIntercept) ? "HU" : null,
            var type => type,
        };
    }

    /// <summary>The window of the file, its function made linear; null where it states none.</summary>
    public DisplayWindow? FindWindow(DicomDataSet dataSet, DicomDataSet? perFrame, DicomDataSet? shared, double inverseSum, List<string> notes)
    {
        DicomDataSet voi = perFrame?.Item(DicomTag.FrameVoiLutSequence) ?? shared?.Item(DicomTag.FrameVoiLutSequence) ?? dataSet;
        if (voi.Decimal(DicomTag.WindowCenter) is not { } center || voi.Decimal(DicomTag.WindowWidth) is not { } width)
            return null;

        switch (voi.Text(DicomTag.VoiLutFunction))
        {
            case "LINEAR_EXACT":
                (center, width) = (center + 0.5, width + 1);
                break;
            case "SIGMOID":
                notes.Add("The sigmoid window of the file is shown as a linear one.");
                break;
            default:
                break;
        }

        // Inverted values: what was center − 0.5 above black is now as far below white.
        if (_inverts)
            center = (_slope * inverseSum) + (2 * _intercept) - center + 1;
        return width >= 1 ? new DisplayWindow(center, width) : null;
    }

    /// <param name="inverseSum">What a stored value and its inverse sum up to.</param>
    public void Apply(ReadOnlySpan<double> stored, double inverseSum, Span<float> grey)
    {
        double slope = _inverts ? -_slope : _slope;
        double intercept = _inverts ? (_slope * inverseSum) + _intercept : _intercept;
        if (_table is null)
        {
            for (int i = 0; i < grey.Length; i++)
                grey[i] = (float)((stored[i] * slope) + intercept);
            return;
        }

        double highest = _inverts ? _table.Max() : 0;
        for (int i = 0; i < grey.Length; i++)
        {
            double value = _table[Math.Clamp((int)stored[i] - _first, 0, _table.Length - 1)];
            grey[i] = (float)(_inverts ? highest - value : value);
        }
    }

    private static (double[] Table, int First) ReadTable(DicomDataSet lut, bool isSigned)
    {
        ushort[] descriptor = lut.Words(DicomTag.LutDescriptor);
        ushort[] words = lut.Words(DicomTag.LutData);
        int entries = descriptor is [0, ..] ? MaxEntries : descriptor is [var stated, ..] ? stated : 0;
        if (descriptor.Length < 3 || words.Length < entries)
            throw Refusal.Corrupt("The modality LUT of the DICOM image is malformed.");
        return ([.. words.Take(entries).Select(w => (double)w)], isSigned ? (short)descriptor[1] : descriptor[1]);
    }
}
