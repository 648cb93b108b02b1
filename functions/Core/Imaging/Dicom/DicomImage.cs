using TumorFunctions.Core.Imaging.Zip;

namespace TumorFunctions.Core.Imaging.Dicom;

/// <summary>A DICOM image as its header describes it, found consistent; its pixels are still to be read.</summary>
internal sealed class DicomImage
{
    private readonly IReadOnlyList<DicomDataSet> _perFrame;
    private readonly DicomDataSet? _shared;
    private readonly List<string> _notes = [];

    private DicomImage(DicomHeader header, DicomPixelLayout layout)
    {
        Header = header;
        Layout = layout;
        _perFrame = header.DataSet.Items(DicomTag.PerFrameFunctionalGroups);
        _shared = header.DataSet.Item(DicomTag.SharedFunctionalGroups);
        if (_perFrame.Count > 0 && _perFrame.Count < layout.Frames)
            throw Refusal.Corrupt($"The DICOM file describes {_perFrame.Count} of its {layout.Frames} frames.");

        List<string> planeNotes = [];
        DicomPlane[] planes = [.. Enumerable.Range(0, _perFrame.Count > 0 ? layout.Frames : 1).Select(f => DicomPlane.Of(header.DataSet, PerFrame(f), _shared, planeNotes))];
        _notes.AddRange(planeNotes.Distinct());
        Plane = planes[0];
        Stack = Arrange(planes);
    }

    public DicomHeader Header { get; }

    public DicomPixelLayout Layout { get; }

    /// <summary>The plane of the first frame stored.</summary>
    public DicomPlane Plane { get; }

    public DicomStack Stack { get; }

    /// <summary>Reads as far as the pixel data.</summary>
    /// <param name="available">Bytes that a stream which cannot seek can yield at most.</param>
    /// <exception cref="ImageFormatException">It is no image, or not one that is read.</exception>
    public static DicomImage Open(Stream stream, ImageLimits limits, long available = long.MaxValue)
    {
        DicomHeader header = DicomParser.Parse(stream, available);
        return header.Pixels is null
            ? throw DicomObjectKind.WithoutPixels(header.Meta, header.DataSet)
            : Of(header, limits);
    }

    /// <param name="header">Of a file that has pixel data.</param>
    public static DicomImage Of(DicomHeader header, ImageLimits limits) =>
        new(header, new DicomPixelLayout(header.DataSet, header.Pixels!, header.Syntax.Codec, limits));

    public DicomModality ModalityOf(int frame) => DicomModality.Of(Header.DataSet, PerFrame(frame), _shared, Layout);

    /// <param name="size">Of a reduced slice; as stored where it is null.</param>
    /// <param name="series">The series that this image is the first of; null where it stands alone.</param>
    public Volume ToVolume(float[] voxels, int depth, (int Width, int Height)? size = null, DicomSeries? series = null)
    {
        int first = Stack.Order[0];
        VolumeGeometry geometry = Describe(depth, series);
        double inverseSum = new DicomGrey(Header.DataSet, Layout).InverseSum;
        List<string> notes = [.. _notes, .. series?.Notes ?? []];
        return new Volume(voxels, size?.Width ?? Layout.Width, size?.Height ?? Layout.Height, depth)
        {
            Format = ImageFormat.Dicom,
            BitsPerSample = Layout.IsFloat ? Layout.BitsAllocated : Layout.BitsStored,
            Spacing = geometry.Spacing,
            IsSliceDistanceAssumed = geometry.IsSliceDistanceAssumed,
            SliceThickness = geometry.SliceThickness,
            Orientation = geometry.Orientation,
            IntensityUnit = DicomModality.Unit(Header.DataSet, _shared),
            Window = ModalityOf(first).FindWindow(Header.DataSet, PerFrame(first), _shared, inverseSum, notes),
            Study = DicomStudy.Read(Header.DataSet),
            Source = geometry.Source,
            Notes = notes,
        };
    }

    /// <summary>The grid of the volume, as the header has it.</summary>
    /// <param name="series">The series that this image is the first of; null where it stands alone.</param>
    public VolumeGeometry Describe(int depth, DicomSeries? series = null)
    {
        DicomStack stack = series?.Stack ?? Stack;
        DicomPlane plane = DicomPlane.Of(Header.DataSet, PerFrame(Stack.Order[0]), _shared, []);
        double? distance = stack.Distance ?? plane.Distance ?? plane.Thickness;
        IEnumerable<DicomReference?> slices = series is not null
            ? series.Images.Select(file => file.Reference)
            : Stack.Order.Select(frame => DicomIdentity.Reference(Header.DataSet, Layout.Frames > 1 ? frame + 1 : null));
        return new VolumeGeometry(Layout.Width, Layout.Height, depth)
        {
            Spacing = plane is { SpacingX: { } x, SpacingY: { } y } ? new VoxelSpacing(x, y, distance ?? 1) : null,
            IsSliceDistanceAssumed = plane.SpacingX is not null && depth > 1 && distance is null,
            SliceThickness = plane.Thickness,
            Orientation = plane is { Position: { } position, Orientation: { } o }
                ? new VolumeOrientation(position, o[..3], o[3..], stack.Direction ?? plane.Normal!)
                : null,
            Source = DicomIdentity.Source(Header.DataSet, [.. slices], depth),
        };
    }

    private DicomDataSet? PerFrame(int frame) => frame < _perFrame.Count ? _perFrame[frame] : null;

    private DicomStack Arrange(DicomPlane[] planes)
    {
        if (_perFrame.Count == 0)
            return ArrangeByOffsets(Layout.Frames);

        DicomStack stack = DicomStack.Of(planes);
        if (stack.Order.Length < planes.Length)
            _notes.Add($"Of {planes.Length} frames, the first at each of {stack.Order.Length} places was read.");
        if (stack.Gap is not null)
            _notes.Add("The slices are not evenly spaced; the usual distance was taken.");
        return stack;
    }

    // A dose grid lists how far each frame lies from the first (PS3.3, C.8.8.3.2).
    private DicomStack ArrangeByOffsets(int frames)
    {
        int[] asStored = [.. Enumerable.Range(0, frames)];
        double[]? offsets = Header.DataSet.Decimals(DicomTag.GridFrameOffsetVector, 2);
        if (offsets is null || offsets.Length != frames || Plane.Normal is not { } normal)
            return new DicomStack(asStored, null, Plane.Normal, null);

        double step = offsets[1] - offsets[0];
        double[] direction = step < 0 ? [-normal[0], -normal[1], -normal[2]] : normal;
        return new DicomStack(asStored, step != 0 ? Math.Abs(step) : null, direction, null);
    }
}
