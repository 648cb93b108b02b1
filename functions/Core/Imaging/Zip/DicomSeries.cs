using System.Globalization;
using TumorFunctions.Core.Imaging.Dicom;

namespace TumorFunctions.Core.Imaging.Zip;

/// <summary>The images of one series in the order of their places, found to make up one volume.</summary>
/// <param name="Images">From the first slice to the last.</param>
/// <param name="Stack">Their distance and direction.</param>
/// <param name="Notes">What had to be decided.</param>
internal sealed record DicomSeries(IReadOnlyList<DicomFile> Images, DicomStack Stack, IReadOnlyList<string> Notes)
{
    private const int NamedSeries = 5;

    // Slices further apart than so many of their thicknesses are not neighbours, even where all are alike.
    private const double MaxThicknesses = 4;

    // Spacing is written with few digits.
    private const double SpacingTolerance = 1e-3;

    /// <exception cref="ImageFormatException">They are of several series, differ in their grid, or leave a gap; the message names the files.</exception>
    public static DicomSeries Of(IReadOnlyList<DicomFile> files)
    {
        RequireOneSeries(files);
        if (files.Count == 1)
            return new DicomSeries(files, new DicomStack([0], null, files[0].Plane.Normal, null), []);

        foreach (DicomFile file in files)
            RequireAlike(files[0], file);

        return files.All(f => f.Plane is { Position: not null, Orientation: not null }) ? ByPlace(files) : ByNumber(files);
    }

    private static void RequireOneSeries(IReadOnlyList<DicomFile> files)
    {
        IGrouping<string, DicomFile>[] series = [.. files.GroupBy(f => f.Series)];
        if (series.Length == 1)
            return;

        string names = string.Join("; ", series.Take(NamedSeries).Select(s => $"{s.First().Title} ({s.Count()} images)"));
        throw Refusal.Unsupported(
            $"The zip holds {series.Length} series: {names}{(series.Length > NamedSeries ? " …" : "")}. A zip of one series is needed.");
    }

    private static void RequireAlike(DicomFile first, DicomFile file)
    {
        string? difference = null;
        if (file.Frames > 1 || first.Frames > 1)
            difference = $"{(file.Frames > 1 ? file : first).Name} holds several frames and has to be uploaded by itself";
        else if ((file.Width, file.Height) != (first.Width, first.Height))
            difference = $"{first.Name} has {first.Width}×{first.Height} pixels, {file.Name} {file.Width}×{file.Height}";
        else if (file.Samples != first.Samples)
            difference = $"of {first.Name} and {file.Name}, one is grey and one is coloured";
        else if (!IsNear(file.Plane.SpacingX, first.Plane.SpacingX) || !IsNear(file.Plane.SpacingY, first.Plane.SpacingY))
            difference = $"{first.Name} and {file.Name} differ in their pixel spacing";
        else if (file.Plane.Orientation is not null && first.Plane.Orientation is not null && !file.Plane.IsParallelTo(first.Plane))
            difference = $"{first.Name} and {file.Name} lie in different directions";

        if (difference is not null)
            throw Refusal.Unsupported($"The images of the zip do not make up one volume: {difference}.");
    }

    private static bool IsNear(double? a, double? b) =>
        a is null || b is null ? a is null && b is null : Math.Abs(a.Value - b.Value) <= SpacingTolerance * b.Value;

    private static DicomSeries ByPlace(IReadOnlyList<DicomFile> files)
    {
        DicomStack stack = DicomStack.Of([.. files.Select(f => f.Plane)]);
        DicomFile[] sorted = [.. files.OrderBy(f => f.Plane.Along(stack.Direction!))];
        if (stack.Order.Length < files.Count || stack.Distance is null)
        {
            int twin = Enumerable.Range(1, sorted.Length - 1)
                .MinBy(i => sorted[i].Plane.Along(stack.Direction!) - sorted[i - 1].Plane.Along(stack.Direction!));
            throw Refusal.Unsupported(
                $"The images of the zip do not make up one volume: {sorted[twin - 1].Name} and {sorted[twin].Name} lie in the same place. One volume of a repeated scan is needed.");
        }

        if (stack.Gap is { } gap)
        {
            double step = sorted[gap + 1].Plane.Along(stack.Direction!) - sorted[gap].Plane.Along(stack.Direction!);
            throw Refusal.Unsupported(string.Create(
                CultureInfo.InvariantCulture,
                $"The images of the zip leave a gap: {sorted[gap].Name} and {sorted[gap + 1].Name} are {step:0.###} mm apart, the others {stack.Distance:0.###} mm."));
        }

        if (stack.Distance > MaxThicknesses * sorted[0].Plane.Thickness)
        {
            throw Refusal.Unsupported(string.Create(
                CultureInfo.InvariantCulture,
                $"The images of the zip leave gaps: slices of {sorted[0].Plane.Thickness:0.###} mm lie {stack.Distance:0.###} mm apart, {sorted[0].Name} and {sorted[1].Name} for one."));
        }

        return new DicomSeries(sorted, stack, []);
    }

    private static DicomSeries ByNumber(IReadOnlyList<DicomFile> files)
    {
        if (files.FirstOrDefault(f => f.Number is null) is { } unnumbered)
            throw Refusal.Unsupported($"The images of the zip cannot be put in order: {unnumbered.Name} states neither its place nor its number.");

        DicomFile[] sorted = [.. files.OrderBy(f => f.Number)];
        for (int i = 1; i < sorted.Length; i++)
        {
            if (sorted[i].Number == sorted[i - 1].Number)
            {
                throw Refusal.Unsupported(
                    $"The images of the zip cannot be put in order: {sorted[i - 1].Name} and {sorted[i].Name} both have number {sorted[i].Number}.");
            }

            if (sorted[i].Number != sorted[i - 1].Number + 1)
            {
                throw Refusal.Unsupported(
                    $"The images of the zip leave a gap: {sorted[i - 1].Name} has number {sorted[i - 1].Number}, {sorted[i].Name} {sorted[i].Number}.");
            }
        }

        DicomStack stack = new([.. Enumerable.Range(0, sorted.Length)], null, files[0].Plane.Normal, null);
        return new DicomSeries(sorted, stack, ["The images state no places; they were put in the order of their numbers."]);
    }
}
