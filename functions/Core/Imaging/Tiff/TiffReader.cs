namespace TumorFunctions.Core.Imaging.Tiff;

/// <summary>
/// Decodes TIFF and BigTIFF to grey. Pages of one size are the slices of a volume; reduced copies and masks are passed over.
/// </summary>
internal static class TiffReader
{
    private const int MaxPages = 65_536;
    private const int MaxDescription = 1 << 20;
    private const int ReducedImageOrMask = 0b101;
    private const int Centimetre = 3;
    private const int Inch = 2;

    public static Volume Read(Stream stream, ImageLimits limits, CancellationToken cancellation)
    {
        Layout layout = Open(stream, limits, cancellation);
        TiffPage page = layout.Pages[0];
        int size = page.Width * page.Height;
        float[] voxels = new float[(long)size * layout.Pages.Count];
        (int width, int height) = (page.Width, page.Height);
        for (int z = 0; z < layout.Pages.Count; z++)
        {
            Memory<float> slice = voxels.AsMemory(z * size, size);
            new TiffPageReader(layout.Input, layout.Pages[z], limits, cancellation).Read(new FullSink(slice, page.Width));
            if (page.Orientation != Orientation.Upright)
            {
                (width, height) = (page.Width, page.Height);
                Orientation.Apply(slice.ToArray(), ref width, ref height, page.Orientation).CopyTo(slice);
            }
        }

        return layout.ToVolume(voxels, width, height, layout.Pages.Count);
    }

    /// <summary>The middle page reduced to <paramref name="longSide"/>, in memory for a strip or a row of tiles of it.</summary>
    public static ReducedVolume ReadReduced(Stream stream, ImageLimits limits, int longSide, CancellationToken cancellation)
    {
        Layout layout = Open(stream, limits, cancellation);
        TiffPage page = layout.Pages[layout.Pages.Count / 2];
        ReducingSink sink = new(page.Width, page.Height, longSide);
        new TiffPageReader(layout.Input, page, limits, cancellation).Read(sink);
        (int width, int height) = (sink.Width, sink.Height);
        float[] values = Orientation.Apply(sink.Finish(), ref width, ref height, page.Orientation);
        (int sourceWidth, int sourceHeight) = Orientation.SwapsAxes(page.Orientation) ? (page.Height, page.Width) : (page.Width, page.Height);
        return new ReducedVolume(layout.ToVolume(values, width, height, 1), sourceWidth, sourceHeight, layout.Pages.Count);
    }

    private static Layout Open(Stream stream, ImageLimits limits, CancellationToken cancellation)
    {
        TiffInput input = new(stream);
        List<string> notes = [];
        List<TiffPage> pages = FindPages(input, limits, notes, out TiffDirectory first, cancellation);
        TiffPage page = pages[0];
        limits.Check("TIFF", page.Width, page.Height, pages.Count);
        RequireDistinctData(pages, input.Length);
        foreach (TiffPage each in pages)
            new TiffPageReader(input, each, limits, cancellation).RequireData();

        if (page.Orientation != Orientation.Upright)
            notes.Add($"Turned upright as its orientation tag ({page.Orientation}) says.");
        if (page.Photometric == TiffPhotometric.CieLab)
            notes.Add("The lightness of the CIELab colours was taken as grey.");
        VoxelSpacing? spacing = FindSpacing(first, pages.Count, notes, out bool distanceAssumed);
        if (spacing is { } s && Orientation.SwapsAxes(page.Orientation))
            spacing = s with { X = s.Y, Y = s.X };
        return new Layout(input, pages, spacing, distanceAssumed, notes);
    }

    private static List<TiffPage> FindPages(
        TiffInput input, ImageLimits limits, List<string> notes, out TiffDirectory first, CancellationToken cancellation)
    {
        List<TiffPage> pages = [];
        HashSet<long> seen = [];
        TiffDirectory? firstPage = null;
        int passedOver = 0;
        for (long offset = input.FirstDirectory; offset != 0 && seen.Count < MaxPages;)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!seen.Add(offset))
                throw Refusal.Corrupt("The directories of the TIFF form a loop.");

            TiffDirectory directory = new(input, offset);
            offset = directory.Next;
            bool isCopy = (directory.Integer(TiffTag.NewSubfileType, 0) & ReducedImageOrMask) != 0;
            if (firstPage is not null && (isCopy || !IsAlike(directory, pages[0])))
            {
                passedOver++;
                continue;
            }

            firstPage ??= directory;
            pages.Add(new TiffPage(input, directory, limits));
            limits.Check("TIFF", pages[0].Width, pages[0].Height, pages.Count);
        }

        if (passedOver > 0)
            notes.Add($"{passedOver} further pages of another size, reduced copies or masks were passed over.");
        first = firstPage ?? throw Refusal.Corrupt("The TIFF has no page.");
        return pages;
    }

    private static bool IsAlike(TiffDirectory directory, TiffPage page) =>
        directory.Integer(TiffTag.ImageWidth, 0) == page.Width
        && directory.Integer(TiffTag.ImageLength, 0) == page.Height
        && directory.Integer(TiffTag.Orientation, Orientation.Upright) == page.Orientation;

    // Strips that share bytes would let a small file ask for unbounded work.
    private static void RequireDistinctData(List<TiffPage> pages, long length)
    {
        const int slack = 4;
        long total = 0;
        foreach (TiffPage page in pages)
        {
            foreach (long count in page.ByteCounts)
            {
                total += Math.Clamp(count, 0, length);
                if (total > slack * length)
                    throw Refusal.Corrupt("The strips or tiles of the TIFF overlap.");
            }
        }
    }

    private static VoxelSpacing? FindSpacing(
        TiffDirectory directory, int pages, List<string> notes, out bool distanceAssumed)
    {
        distanceAssumed = false;
        double? x = directory.Fraction(TiffTag.XResolution);
        double? y = directory.Fraction(TiffTag.YResolution);
        string description = directory.Text(TiffTag.ImageDescription, MaxDescription);
        if (TiffDescription.FindSpacing(description, x, y) is { } described)
            return described;

        // Where a description is to name the unit, the resolution alone has none.
        if (TiffDescription.NamesUnits(description))
            return null;

        long unit = directory.Integer(TiffTag.ResolutionUnit, Inch);
        if (x is null || y is null || unit is not (Inch or Centimetre))
            return null;

        double perMetre = unit == Centimetre ? 100 : 1 / 0.0254;
        VoxelSpacing? spacing = PhysicalResolution.ToSpacing(x.Value * perMetre, y.Value * perMetre, unit == Centimetre, notes);
        distanceAssumed = spacing is not null && pages > 1;
        return spacing;
    }

    /// <summary>A file as its directories describe it, found consistent.</summary>
    private sealed record Layout(
        TiffInput Input, IReadOnlyList<TiffPage> Pages, VoxelSpacing? Spacing, bool DistanceAssumed, IReadOnlyList<string> Notes)
    {
        public Volume ToVolume(float[] voxels, int width, int height, int depth) => new(voxels, width, height, depth)
        {
            Format = ImageFormat.Tiff,
            BitsPerSample = Pages[0].Bits,
            Spacing = Spacing,
            IsSliceDistanceAssumed = DistanceAssumed,
            Notes = Notes,
        };
    }
}
