using System.Globalization;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Tests.Imaging;

public sealed class DicomGeometryTests
{
    [Fact]
    public void A_single_slice_states_its_spacing_thickness_and_place()
    {
        DicomBuilder dicom = DicomBuilder.Grey(2, 2, [1, 2, 3, 4])
            .Text(0x00280030, "DS", "0.8\\0.5")
            .Text(0x00180050, "DS", "5")
            .Text(0x00200032, "DS", "-10\\20\\30.5")
            .Text(0x00200037, "DS", "1\\0\\0\\0\\0\\-1");
        Volume volume = DicomTests.Read(dicom);
        Assert.Equal(new VoxelSpacing(0.5, 0.8, 5), volume.Spacing);
        Assert.Equal(5, volume.SliceThickness);
        Assert.Equal([-10, 20, 30.5], volume.Orientation!.Origin);
        Assert.Equal([0.0, 0, -1], volume.Orientation.Column);
        Assert.Equal([0.0, 1, 0], volume.Orientation.Normal);
    }

    [Fact]
    public void Spacing_of_the_detector_is_said_to_be_that()
    {
        Volume volume = DicomTests.Read(DicomBuilder.Grey(1, 1, [1]).Text(0x00181164, "DS", "0.2\\0.2"));
        Assert.Equal(0.2, volume.Spacing!.Value.X);
        Assert.Contains("detector", Assert.Single(volume.Notes), StringComparison.Ordinal);
        Assert.Null(DicomTests.Read(DicomBuilder.Grey(1, 1, [1]).Text(0x00280030, "DS", "0\\0")).Spacing);
    }

    [Theory]
    [InlineData(DicomBuilder.Implicit, false)]
    [InlineData(DicomBuilder.Implicit, true)]
    [InlineData(DicomBuilder.Explicit, true)]
    [InlineData(DicomBuilder.Big, false)]
    public void Frames_are_sorted_by_their_places(string syntax, bool openEnded)
    {
        double[] places = [6, 0, 9, 3];
        DicomBuilder shared = new DicomBuilder()
            .Items(0x00289110, new DicomBuilder().Text(0x00280030, "DS", "0.5\\0.5").Text(0x00180050, "DS", "2.5"))
            .Items(0x00209116, new DicomBuilder().Text(0x00200037, "DS", "1\\0\\0\\0\\1\\0"));
        DicomBuilder dicom = new() { Syntax = syntax, OpenEnded = openEnded };
        dicom.Text(0x00080060, "CS", "MR").Text(0x00280008, "IS", "4").Layout(2, 1, 1, "MONOCHROME2", 16, 16, false)
            .Items(0x52009229, shared)
            .Items(0x52009230, [.. places.Select(Frame)])
            .Pixels(0, 10, 1, 11, 2, 12, 3, 13);
        Volume volume = DicomTests.Read(dicom);
        Assert.Equal((2, 1, 4), (volume.Width, volume.Height, volume.Depth));
        Assert.Equal([1, 11, 3, 13, 0, 10, 2, 12], volume.Voxels);
        Assert.Equal(new VoxelSpacing(0.5, 0.5, 3), volume.Spacing);
        Assert.Equal(2.5, volume.SliceThickness);
        Assert.Equal([0.0, 0, 0], volume.Orientation!.Origin);

        static DicomBuilder Frame(double place) => new DicomBuilder()
            .Items(0x00209113, new DicomBuilder().Text(0x00200032, "DS", string.Create(CultureInfo.InvariantCulture, $"0\\0\\{place}")));
    }

    [Fact]
    public void Of_frames_at_one_place_the_first_is_read_and_that_is_said()
    {
        DicomBuilder dicom = new DicomBuilder().Text(0x00080060, "CS", "MR").Text(0x00280008, "IS", "4").Layout(1, 1, 1, "MONOCHROME2", 16, 16, false)
            .Text(0x00200037, "DS", "1\\0\\0\\0\\1\\0")
            .Items(0x52009230, Frame("0"), Frame("2"), Frame("0"), Frame("2"))
            .Pixels(5, 6, 7, 8);
        Volume volume = DicomTests.Read(dicom);
        Assert.Equal([5, 6], volume.Voxels);
        Assert.Contains("2 places", Assert.Single(volume.Notes), StringComparison.Ordinal);

        static DicomBuilder Frame(string place) => new DicomBuilder()
            .Items(0x00209113, new DicomBuilder().Text(0x00200032, "DS", $"0\\0\\{place}"));
    }

    [Fact]
    public void A_dose_grid_has_its_scaling_unit_and_distances()
    {
        DicomBuilder dicom = DicomBuilder.Grey(1, 1, [100, 200, 300], bits: 32)
            .Text(0x00280008, "IS", "3")
            .Text(0x00280030, "DS", "10\\10")
            .Text(0x00200032, "DS", "1\\2\\3")
            .Text(0x00200037, "DS", "1\\0\\0\\0\\1\\0")
            .Text(0x30040002, "CS", "GY")
            .Text(0x3004000C, "DS", "0\\-4\\-8")
            .Text(0x3004000E, "DS", "0.5");
        Volume volume = DicomTests.Read(dicom);
        Assert.Equal([50, 100, 150], volume.Voxels);
        Assert.Equal("Gy", volume.IntensityUnit);
        Assert.Equal(4, volume.Spacing!.Value.Z);
        Assert.Equal(-1, volume.Orientation!.Normal[2]);
    }

    [Fact]
    public void An_unknown_slice_distance_is_said_to_be_assumed()
    {
        DicomBuilder dicom = DicomBuilder.Grey(1, 1, [1, 2]).Text(0x00280008, "IS", "2").Text(0x00280030, "DS", "1\\1");
        Assert.True(DicomTests.Read(dicom).IsSliceDistanceAssumed);
        Assert.False(DicomTests.Read(dicom.Text(0x00180050, "DS", "4")).IsSliceDistanceAssumed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void A_preview_shows_the_middle_frame(int frames)
    {
        int[] values = [.. Enumerable.Range(0, frames * 600 * 2).Select(i => i / 1200)];
        DicomBuilder dicom = DicomBuilder.Grey(600, 2, values).Text(0x00280008, "IS", $"{frames}").Text(0x00281050, "DS", "5").Text(0x00281051, "DS", "10");
        ImagePreview preview = ImagePreview.Read(new MemoryStream(dicom.Build()), longSide: 100);
        Assert.Equal((600, 2, frames), (preview.SourceWidth, preview.SourceHeight, preview.SourceDepth));
        MemoryStream png = new();
        preview.WritePng(png);
        Volume shown = ImageReader.Read(png);
        byte[] expected = new byte[1];
        Greyscale.Apply([frames / 2], new DisplayWindow(5, 10), expected);
        Assert.All(shown.Voxels, v => Assert.Equal(expected[0], v));
    }
}
