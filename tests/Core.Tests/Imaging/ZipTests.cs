using System.Globalization;
using System.IO.Compression;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Tests.Imaging;

public sealed class ZipTests
{
    [Theory]
    [InlineData(CompressionLevel.Optimal)]
    [InlineData(CompressionLevel.NoCompression)]
    public void A_series_is_sorted_by_place_not_by_name_or_number(CompressionLevel level)
    {
        double[] places = [7.5, -2.5, 5, 0, 2.5];
        (string, byte[])[] files = [.. places.Select((place, i) => ($"series/{i}.dcm", Slice(place, value: i, number: 9 - i)))];
        Volume volume = Read(Zip(level, files));
        Assert.Equal((2, 1, 5, ImageFormat.Dicom), (volume.Width, volume.Height, volume.Depth, volume.Format));
        Assert.Equal([1, 2, 3, 4, 4, 5, 2, 3, 0, 1], volume.Voxels);
        Assert.Equal(new VoxelSpacing(0.5, 0.5, 2.5), volume.Spacing);
        Assert.Equal([0.0, 0, -2.5], volume.Orientation!.Origin);
        Assert.Equal([0.0, 0, 1], volume.Orientation.Normal);
        Assert.Equal("P7", volume.Study.PatientId);

        ImagePreview preview = ImagePreview.Read(new MemoryStream(Zip(level, files)));
        Assert.Equal((2, 1, 5), (preview.SourceWidth, preview.SourceHeight, preview.SourceDepth));
        Assert.Equal("P7", preview.Study.PatientId);
    }

    [Fact]
    public void Slices_keep_their_own_rescaling()
    {
        byte[] first = Build(0, 10).Text(0x00281053, "DS", "2").Build();
        byte[] second = Build(2.5, 10).Text(0x00281053, "DS", "3").Build();
        Assert.Equal([20, 22, 30, 33], Read(Zip(("a", first), ("b", second))).Voxels);
    }

    [Fact]
    public void Files_that_are_no_images_are_passed_over_and_that_is_said()
    {
        byte[] report = new DicomBuilder().Text(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.88.11").Text(0x00080060, "CS", "SR").Build();
        Volume volume = Read(Zip(
            ("DICOMDIR", report), ("__MACOSX/._a", [1, 2]), (".DS_Store", [1]), ("readme.txt", "hello"u8.ToArray()), ("report.dcm", report),
            ("a.dcm", Slice(0, 1)), ("b.dcm", Slice(2.5, 2))));
        Assert.Equal(2, volume.Depth);
        Assert.Contains("2 files", Assert.Single(volume.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_gap_is_refused_by_the_names_of_the_files_beside_it()
    {
        string message = Hostile.Refused(
            Zip(("a.dcm", Slice(0, 1)), ("b.dcm", Slice(2.5, 2)), ("c.dcm", Slice(5, 3)), ("e.dcm", Slice(10, 4))), ImageFault.Unsupported).Message;
        Assert.Contains("c.dcm and e.dcm are 5 mm apart, the others 2.5 mm", message, StringComparison.Ordinal);
        message = Hostile.Refused(Zip(("a.dcm", Slice(0, 1)), ("b.dcm", Slice(100, 2))), ImageFault.Unsupported).Message;
        Assert.Contains("100 mm apart", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Mixed_series_and_grids_are_refused_by_name()
    {
        AssertRefused("2 series: T1 (1 images); T2 (1 images)", Slice(0, 1), Build(2.5, 2).Text(0x0020000E, "UI", "1.2.9").Text(0x0008103E, "LO", "T2").Build());
        AssertRefused("b.dcm 3×1", Slice(0, 1), Build(2.5, 2).Short(0x00280011, 3).Pixels(1, 2, 3).Build());
        AssertRefused("differ in their pixel spacing", Slice(0, 1), Build(2.5, 2).Text(0x00280030, "DS", "0.6\\0.5").Build());
        AssertRefused("different directions", Slice(0, 1), Build(2.5, 2).Text(0x00200037, "DS", "1\\0\\0\\0\\0\\-1").Build());
        AssertRefused("a.dcm and b.dcm lie in the same place", Slice(0, 1), Slice(0, 2));
        AssertRefused("several frames", Slice(0, 1), Build(2.5, 2).Text(0x00280008, "IS", "2").Pixels(1, 2, 3, 4).Build());
        AssertRefused("neither its place nor its number", Slice(0, 1), Build(2.5, 2).Remove(0x00200032).Remove(0x00200013).Build());
        AssertRefused("both have number 1", Slice(0, 1), Build(2.5, 2).Remove(0x00200032).Build());

        static void AssertRefused(string what, byte[] a, byte[] b) => Assert.Contains(
            what, Hostile.Refused(Zip(("a.dcm", a), ("b.dcm", b)), ImageFault.Unsupported).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_places_the_numbers_give_the_order_and_that_is_said()
    {
        byte[] first = Build(0, 5, number: 2).Remove(0x00200032).Build();
        byte[] second = Build(0, 7, number: 1).Remove(0x00200032).Build();
        Volume volume = Read(Zip(("a", first), ("b", second)));
        Assert.Equal([7, 8, 5, 6], volume.Voxels);
        Assert.Single(volume.Notes);
    }

    [Fact]
    public void A_damaged_image_is_refused_by_its_name()
    {
        byte[] damaged = Slice(2.5, 2)[..^3];
        Assert.StartsWith("b.dcm: ", Hostile.Refused(Zip(("a.dcm", Slice(0, 1)), ("b.dcm", damaged)), ImageFault.Corrupt).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_single_image_of_any_format_is_read()
    {
        PngBuilder png = new() { Width = 2, Height = 1, Samples = [4, 5] };
        Assert.Equal([4, 5], Read(Zip(("a.png", png.Build()), ("notes.txt", [65]))).Voxels);
        Assert.Equal([4, 5], Read(Zip(("a.dcm", Build(0, 4).Build()))).Voxels);
        DicomBuilder frames = Build(0, 0).Text(0x00280008, "IS", "2").Pixels(1, 2, 3, 4);
        Assert.Equal(2, Read(Zip(("a.dcm", frames.Build()))).Depth);
    }

    [Fact]
    public void Zips_without_one_image_are_refused()
    {
        byte[] png = new PngBuilder { Width = 1, Height = 1, Samples = [4] }.Build();
        Assert.Contains("2 images that are not DICOM", Hostile.Refused(Zip(("a.png", png), ("b.png", png)), ImageFault.Unsupported).Message, StringComparison.Ordinal);
        Assert.Contains("no image", Hostile.Refused(Zip(("a.txt", [65])), ImageFault.Unsupported).Message, StringComparison.Ordinal);
        Assert.Contains("no image", Hostile.Refused(Zip(), ImageFault.Unsupported).Message, StringComparison.Ordinal);
        Assert.Contains("another zip", Hostile.Refused(Zip(("a.zip", Zip(("b.png", png)))), ImageFault.Unsupported).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cuts_and_mutations_never_break_the_reader()
    {
        byte[] zip = Zip(("a.dcm", Slice(0, 1)), ("b.dcm", Slice(2.5, 2)), ("c.png", new PngBuilder { Width = 1, Height = 1, Samples = [4] }.Build()));
        Hostile.RefusedAtEveryCut(zip);
        Hostile.SurvivesMutations(zip, 400, 1);
        Hostile.SurvivesMutations(Zip(CompressionLevel.NoCompression, ("a.dcm", Slice(0, 1)), ("b.dcm", Slice(2.5, 2))), 400, 2);
    }

    private static Volume Read(byte[] file) => ImageReader.Read(new MemoryStream(file));

    private static byte[] Slice(double place, int value, int number = 1) => Build(place, value, number).Build();

    private static DicomBuilder Build(double place, int value, int number = 1) => DicomBuilder.Grey(2, 1, [value, value + 1])
        .Text(0x0008103E, "LO", "T1")
        .Text(0x00100020, "LO", "P7")
        .Text(0x00180050, "DS", "2.5")
        .Text(0x0020000E, "UI", "1.2.8")
        .Text(0x00200013, "IS", $"{number}")
        .Text(0x00200032, "DS", string.Create(CultureInfo.InvariantCulture, $"0\\0\\{place}"))
        .Text(0x00200037, "DS", "1\\0\\0\\0\\1\\0")
        .Text(0x00280030, "DS", "0.5\\0.5");

    private static byte[] Zip(params (string Name, byte[] Content)[] files) => Zip(CompressionLevel.Optimal, files);

    private static byte[] Zip(CompressionLevel level, params (string Name, byte[] Content)[] files)
    {
        MemoryStream zip = new();
        using (ZipArchive archive = new(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in files)
            {
                using Stream entry = archive.CreateEntry(name, level).Open();
                entry.Write(content);
            }
        }

        return zip.ToArray();
    }
}
