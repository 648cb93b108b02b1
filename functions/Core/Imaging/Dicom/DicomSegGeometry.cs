namespace TumorFunctions.Core.Imaging.Dicom;

/// <summary>Image pixel, frame of reference, dimensions and functional groups of a segmentation (PS3.3, C.7.6.16 and C.7.6.17).</summary>
internal static class DicomSegGeometry
{
    private const uint FrameContent = 0x00209111;
    private const uint SegmentIdentification = 0x0062000A;
    private const uint ReferencedSegment = 0x0062000B;
    private const uint DimensionOrganizationUid = 0x00209164;

    /// <param name="slices">Those that become frames, in order.</param>
    public static void AddTo(DicomElements dataSet, DicomSegmentation segmentation, int[] slices)
    {
        VolumeGeometry geometry = segmentation.Geometry;
        VoxelSpacing spacing = geometry.Spacing!.Value;
        VolumeOrientation orientation = geometry.Orientation ?? new VolumeOrientation([0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]);
        VolumeGeometry placed = geometry with { Orientation = orientation };
        string? frameOfReference = geometry.Orientation is null ? null : geometry.Source?.FrameOfReferenceUid;
        string organisation = DicomUid.Of($"{segmentation.MaskKey}/dimensions");
        dataSet
            .Text(DicomTag.FrameOfReferenceUid, "UI", frameOfReference ?? DicomUid.Of($"{segmentation.ImageKey}/frame"))
            .Text(0x00201040, "LO")
            .Sequence(0x00209221, new DicomElements().Text(DimensionOrganizationUid, "UI", organisation))
            .Sequence(
                0x00209222,
                Dimension(organisation, ReferencedSegment, SegmentIdentification, "Segment"),
                Dimension(organisation, DicomTag.ImagePosition, DicomTag.PlanePositionSequence, "Position"))
            .Short(DicomTag.SamplesPerPixel, 1)
            .Text(DicomTag.PhotometricInterpretation, "CS", "MONOCHROME2")
            .Text(DicomTag.NumberOfFrames, "IS", slices.Length.ToString(System.Globalization.CultureInfo.InvariantCulture))
            .Short(DicomTag.Rows, (ushort)geometry.Height)
            .Short(DicomTag.Columns, (ushort)geometry.Width)
            .Short(DicomTag.BitsAllocated, 1)
            .Short(DicomTag.BitsStored, 1)
            .Short(DicomTag.HighBit, 0)
            .Short(DicomTag.PixelRepresentation, 0)
            .Sequence(DicomTag.SharedFunctionalGroups, Shared(geometry, spacing, orientation))
            .Sequence(
                DicomTag.PerFrameFunctionalGroups,
                slices.Select((z, n) => Frame(placed.PositionOf(0, 0, z)!, (uint)n + 1, geometry.Source?.Slices is { Count: > 0 } sources ? sources[z] : null)));
    }

    /// <summary>How an image object, or a frame of it, is referred to (PS3.3, 10.3).</summary>
    public static DicomElements Reference(DicomReference reference)
    {
        DicomElements item = new DicomElements()
            .Text(0x00081150, "UI", reference.SopClassUid)
            .Text(0x00081155, "UI", reference.SopInstanceUid);
        return reference.Frame is { } frame
            ? item.Text(0x00081160, "IS", frame.ToString(System.Globalization.CultureInfo.InvariantCulture))
            : item;
    }

    private static DicomElements Dimension(string organisation, uint pointer, uint group, string label) => new DicomElements()
        .Text(DimensionOrganizationUid, "UI", organisation)
        .Pointer(0x00209165, pointer)
        .Pointer(0x00209167, group)
        .Text(0x00209421, "LO", label);

    private static DicomElements Shared(VolumeGeometry geometry, VoxelSpacing spacing, VolumeOrientation orientation)
    {
        DicomElements measures = new DicomElements().Decimals(DicomTag.PixelSpacing, spacing.Y, spacing.X);
        if ((geometry.SliceThickness ?? (HasDistance(geometry) ? spacing.Z : null)) is { } thickness)
            measures.Decimals(DicomTag.SliceThickness, thickness);
        if (HasDistance(geometry))
            measures.Decimals(DicomTag.SpacingBetweenSlices, spacing.Z);
        return new DicomElements()
            .Sequence(DicomTag.PlaneOrientationSequence, new DicomElements().Decimals(DicomTag.ImageOrientation, [.. orientation.Row, .. orientation.Column]))
            .Sequence(DicomTag.PixelMeasuresSequence, measures);
    }

    private static bool HasDistance(VolumeGeometry geometry) => geometry is { Depth: > 1, IsSliceDistanceAssumed: false };

    private static DicomElements Frame(double[] position, uint number, DicomReference? source)
    {
        DicomElements frame = new DicomElements()
            .Sequence(FrameContent, new DicomElements().Longs(0x00209157, 1, number))
            .Sequence(DicomTag.PlanePositionSequence, new DicomElements().Decimals(DicomTag.ImagePosition, position))
            .Sequence(SegmentIdentification, new DicomElements().Short(ReferencedSegment, 1));
        if (source is null)
            return frame;

        DicomElements image = Reference(source)
            .Code(0x0040A170, "121322", "DCM", "Source image for image processing operation");
        return frame.Sequence(
            0x00089124,
            new DicomElements()
                .Code(0x00089215, "113076", "DCM", "Segmentation")
                .Sequence(0x00082112, image));
    }
}
