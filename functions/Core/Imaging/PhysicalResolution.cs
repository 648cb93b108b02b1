namespace TumorFunctions.Core.Imaging;

/// <summary>
/// Decides when the resolution of a plain image file is the size of its pixels in the patient.
/// <para>
/// Most programs write the resolution of a screen or printer (72, 96, 300 dpi), which as a pixel size would pass for that of
/// a fine scan and falsify every measurement. A resolution is therefore believed only if it is metric and coarser than any
/// screen: pixels of more than 0.42 mm (60 dpi) and at most 8 mm. Anything else is left out and said so in a note.
/// </para>
/// </summary>
internal static class PhysicalResolution
{
    private const double FinestDotsPerMetre = 60 / 0.0254;
    private const double CoarsestDotsPerMetre = 1000 / 8.0;

    /// <param name="x">Pixels a metre along a row.</param>
    /// <param name="y">Pixels a metre along a column.</param>
    /// <param name="metric">Whether the file gives it by the metre or centimetre, not by the inch.</param>
    /// <param name="notes">Receives what was decided.</param>
    /// <returns>Spacing in mm, or null where the resolution is that of a display.</returns>
    public static VoxelSpacing? ToSpacing(double x, double y, bool metric, List<string> notes)
    {
        if (!(x > 0 && y > 0 && double.IsFinite(x) && double.IsFinite(y)))
            return null;

        if (metric && IsPhysical(x) && IsPhysical(y))
        {
            VoxelSpacing spacing = new(1000 / x, 1000 / y, 1);
            notes.Add(FormattableString.Invariant(
                $"Pixel spacing of {spacing.X:0.####} × {spacing.Y:0.####} mm taken from the resolution that the file states."));
            return spacing;
        }

        notes.Add(FormattableString.Invariant(
            $"The resolution that the file states ({x * 0.0254:0.#} dpi) is taken for that of a display, not for the size of pixels in the patient."));
        return null;
    }

    private static bool IsPhysical(double dotsPerMetre) => dotsPerMetre is >= CoarsestDotsPerMetre and < FinestDotsPerMetre;
}
