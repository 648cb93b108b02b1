namespace TumorFunctions.Core.Imaging.Dicom;

/// <summary>
/// Where a frame lies and how large its pixels are (PS3.3, C.7.6.2 and C.7.6.16.2); what the file does not state is null.
/// </summary>
internal sealed record DicomPlane(double[]? Position, double[]? Orientation, double? SpacingX, double? SpacingY, double? Thickness, double? Distance)
{
    // Direction cosines are written with a few digits.
    private const double Tolerance = 1e-2;

    /// <summary>Unit vector to which rows and columns are square; null without an orientation.</summary>
    public double[]? Normal => Orientation is not { } o ? null
        : [(o[1] * o[5]) - (o[2] * o[4]), (o[2] * o[3]) - (o[0] * o[5]), (o[0] * o[4]) - (o[1] * o[3])];

    /// <param name="perFrame">The functional groups of the frame; null in files without them.</param>
    /// <param name="shared">Those of all frames.</param>
    /// <param name="notes">Receives what had to be decided.</param>
    public static DicomPlane Of(DicomDataSet dataSet, DicomDataSet? perFrame, DicomDataSet? shared, List<string> notes)
    {
        DicomDataSet Group(uint tag) => perFrame?.Item(tag) ?? shared?.Item(tag) ?? dataSet;
        DicomDataSet measures = Group(DicomTag.PixelMeasuresSequence);
        double[]? spacing = Spacing(measures, DicomTag.PixelSpacing);
        if (spacing is null)
        {
            spacing = Spacing(measures, DicomTag.ImagerPixelSpacing) ?? Spacing(measures, DicomTag.NominalScannedPixelSpacing);
            if (spacing is not null)
                notes.Add("Pixel spacing is that of the detector: in the patient it is smaller by the magnification.");
        }

        return new DicomPlane(
            Group(DicomTag.PlanePositionSequence).Decimals(DicomTag.ImagePosition, 3),
            Unit(Group(DicomTag.PlaneOrientationSequence).Decimals(DicomTag.ImageOrientation, 6)),
            spacing?[1],
            spacing?[0],
            Positive(measures.Decimal(DicomTag.SliceThickness)),
            Positive(measures.Decimal(DicomTag.SpacingBetweenSlices)));
    }

    /// <summary>How far along a direction the plane lies, in mm.</summary>
    public double Along(double[] direction) =>
        (Position![0] * direction[0]) + (Position[1] * direction[1]) + (Position[2] * direction[2]);

    public bool IsParallelTo(DicomPlane other)
    {
        for (int i = 0; i < 6; i++)
        {
            if (Math.Abs(Orientation![i] - other.Orientation![i]) > Tolerance)
                return false;
        }

        return true;
    }

    private static double? Positive(double? value) => value > 0 ? value : null;

    // Down a column, then along a row.
    private static double[]? Spacing(DicomDataSet dataSet, uint tag) =>
        dataSet.Decimals(tag, 2) is { } spacing && spacing[0] > 0 && spacing[1] > 0 ? spacing : null;

    // Two unit vectors at a right angle; anything else is no orientation.
    private static double[]? Unit(double[]? o)
    {
        if (o is null)
            return null;

        double row = Math.Sqrt((o[0] * o[0]) + (o[1] * o[1]) + (o[2] * o[2]));
        double column = Math.Sqrt((o[3] * o[3]) + (o[4] * o[4]) + (o[5] * o[5]));
        double angle = (o[0] * o[3]) + (o[1] * o[4]) + (o[2] * o[5]);
        return Math.Abs(row - 1) < Tolerance && Math.Abs(column - 1) < Tolerance && Math.Abs(angle) < Tolerance
            ? [o[0] / row, o[1] / row, o[2] / row, o[3] / column, o[4] / column, o[5] / column]
            : null;
    }
}
