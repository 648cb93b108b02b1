using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Tests.Imaging;

public sealed class DicomTests
{
    public static TheoryData<string, bool> Encodings() => new()
    {
        { DicomBuilder.Implicit, true },
        { DicomBuilder.Implicit, false },
        { DicomBuilder.Explicit, true },
        { DicomBuilder.Explicit, false },
        { DicomBuilder.Big, true },
        { DicomBuilder.Big, false },
        { DicomBuilder.Deflated, true },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Grey_of_any_width_decodes(string syntax, bool part10)
    {
        foreach (bool signed in new[] { false, true })
        {
            foreach (int bits in new[] { 8, 10, 12, 16, 32 })
            {
                int low = signed ? -(1 << (Math.Min(bits, 30) - 1)) : 0;
                int[] values = [.. Enumerable.Range(0, 7 * 5).Select(i => low + (i * 7 % (1 << Math.Min(bits, 20))))];
                DicomBuilder dicom = new() { Syntax = syntax, Part10 = part10 };
                dicom.Text(0x00080005, "CS", "ISO_IR 100").Text(0x00080060, "CS", "MR")
                    .Layout(7, 5, 1, "MONOCHROME2", bits == 8 ? 8 : bits == 32 ? 32 : 16, bits, signed)
                    .Pixels(values);
                Volume volume = Read(dicom);
                Assert.Equal((7, 5, 1, ImageFormat.Dicom, bits), (volume.Width, volume.Height, volume.Depth, volume.Format, volume.BitsPerSample));
                Assert.Equal(values.Select(v => (float)v), volume.Voxels);
            }
        }
    }

    [Fact]
    public void Stored_bits_are_cut_out_of_what_surrounds_them()
    {
        // Ten bits stored up to bit 13 of 16, overlays around them.
        int[] stored = [0, 511, -512, -1];
        int[] raw = [.. stored.Select(v => ((v & 0x3FF) << 4) | 0xC00F)];
        DicomBuilder dicom = DicomBuilder.Grey(2, 2, raw, bits: 10, signed: true).Short(0x00280102, 13).Short(0x00280100, 16).Pixels(raw);
        Assert.Equal(stored.Select(v => (float)v), Read(dicom).Voxels);
    }

    [Fact]
    public void Rescaling_and_its_unit_are_applied()
    {
        DicomBuilder dicom = DicomBuilder.Grey(2, 1, [0, 1024]).Text(0x00281052, "DS", "-1024").Text(0x00281053, "DS", "2.5").Text(0x00080060, "CS", "CT");
        Volume volume = Read(dicom);
        Assert.Equal([-1024, 1536], volume.Voxels);
        Assert.Equal("HU", volume.IntensityUnit);
    }

    [Fact]
    public void A_modality_table_is_applied()
    {
        DicomBuilder table = new DicomBuilder().Short(0x00283002, 4, 10, 16).Short(0x00283006, 100, 50, 25, 7);
        DicomBuilder dicom = DicomBuilder.Grey(5, 1, [9, 10, 12, 13, 99]).Items(0x00283000, table);
        Assert.Equal([100, 100, 25, 7, 7], Read(dicom).Voxels);
    }

    [Fact]
    public void Monochrome1_is_turned_round_with_its_window()
    {
        int[] values = [.. Enumerable.Range(0, 100).Select(i => i * 40)];
        DicomBuilder Build(string photometric) => DicomBuilder.Grey(10, 10, values, bits: 12)
            .Text(0x00280004, "CS", photometric)
            .Text(0x00281050, "DS", "900")
            .Text(0x00281051, "DS", "1500")
            .Text(0x00281052, "DS", "-100")
            .Text(0x00281053, "DS", "2");
        Volume positive = Read(Build("MONOCHROME2"));
        Volume negative = Read(Build("MONOCHROME1"));
        Assert.Equal((2 * 4095) - 100, negative.Voxels[0]);
        byte[] shown = new byte[100];
        byte[] shownNegative = new byte[100];
        Greyscale.Apply(positive.Voxels, positive.Window!.Value, shown);
        Greyscale.Apply(negative.Voxels, negative.Window!.Value, shownNegative);
        Assert.Equal(shown.Select(v => 255.0 - v), shownNegative.Select(v => (double)v), (a, b) => Math.Abs(a - b) <= 1);
    }

    [Theory]
    [InlineData("LINEAR", 40, 400)]
    [InlineData("LINEAR_EXACT", 40.5, 401)]
    public void The_window_follows_its_function(string function, double center, double width)
    {
        DicomBuilder dicom = DicomBuilder.Grey(1, 1, [1]).Text(0x00281050, "DS", "40\\50").Text(0x00281051, "DS", "400\\80").Text(0x00281056, "CS", function);
        Assert.Equal(new DisplayWindow(center, width), Read(dicom).Window);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rgb_becomes_luma_interleaved_and_planar(bool planar)
    {
        foreach (int bits in new[] { 8, 16 })
        {
            foreach (string syntax in new[] { DicomBuilder.Implicit, DicomBuilder.Explicit, DicomBuilder.Big })
            {
                int[] rgb = [.. Enumerable.Range(0, 3 * 3 * 3).Select(i => i * 9)];
                int[] stored = planar ? [.. Enumerable.Range(0, 27).Select(i => rgb[(i % 9 * 3) + (i / 9)])] : rgb;
                DicomBuilder dicom = new DicomBuilder { Syntax = syntax }
                    .Text(0x00080060, "CS", "OT").Layout(3, 3, 3, "RGB", bits, bits, false).Short(0x00280006, planar ? 1 : 0).Pixels(stored);
                Assert.Equal(rgb.Chunk(3).Select(c => (float)((0.299 * c[0]) + (0.587 * c[1]) + (0.114 * c[2]))), Read(dicom).Voxels, Near);
            }
        }
    }

    [Fact]
    public void Luma_of_ybr_is_taken_as_it_is()
    {
        DicomBuilder full = new DicomBuilder().Text(0x00080060, "CS", "US").Layout(2, 1, 3, "YBR_FULL", 8, 8, false).Pixels(10, 1, 2, 20, 3, 4);
        Assert.Equal([10, 20], Read(full).Voxels);
        DicomBuilder half = new DicomBuilder().Text(0x00080060, "CS", "US").Layout(4, 1, 3, "YBR_FULL_422", 8, 8, false).Pixels(10, 20, 1, 2, 30, 40, 3, 4);
        Assert.Equal([10, 20, 30, 40], Read(half).Voxels);
        DicomBuilder partial = new DicomBuilder().Text(0x00080060, "CS", "US").Layout(2, 1, 3, "YBR_PARTIAL_422", 8, 8, false).Pixels(16, 235, 1, 2);
        Assert.Equal([0, 255], Read(partial).Voxels);
    }

    [Fact]
    public void Palettes_are_expanded()
    {
        DicomBuilder dicom = DicomBuilder.Grey(4, 1, [0, 5, 6, 9], bits: 8).Text(0x00280004, "CS", "PALETTE COLOR");
        foreach ((uint descriptor, uint data, int[] values) in new[]
        {
            (0x00281101u, 0x00281201u, new[] { 0x1000, 0xFF00 }), (0x00281102, 0x00281202, [0x2000, 0xFF00]), (0x00281103, 0x00281203, [0x3000, 0xFF00]),
        })
        {
            dicom.Short(descriptor, 2, 5, 16).Short(data, values);
        }

        float first = (float)((0.299 * 16) + (0.587 * 32) + (0.114 * 48));
        Assert.Equal([first, first, 255, 255], Read(dicom).Voxels, Near);
    }

    [Fact]
    public void Single_bits_follow_each_other_across_frames()
    {
        // 3×3 bits a frame: the second starts within the second byte.
        byte[] bits = [0b10110101, 0b01100101, 0b00000010];
        DicomBuilder dicom = new DicomBuilder().Text(0x00080060, "CS", "SEG").Layout(3, 3, 1, "MONOCHROME2", 1, 1, false)
            .Text(0x00280008, "IS", "2").Bytes(0x7FE00010, "OB", [.. bits, 0]);
        Volume volume = Read(dicom);
        Assert.Equal(Enumerable.Range(0, 18).Select(i => (float)((bits[i / 8] >> (i % 8)) & 1)), volume.Voxels);
    }

    [Fact]
    public void Floating_point_pixels_decode()
    {
        float[] values = [1.5f, -2.25f, 1e20f, 0];
        DicomBuilder dicom = new DicomBuilder().Text(0x00080060, "CS", "MR").Layout(2, 2, 1, "MONOCHROME2", 32, 32, false)
            .Bytes(0x7FE00008, "OF", [.. values.SelectMany(BitConverter.GetBytes)]);
        Assert.Equal(values, Read(dicom).Voxels);
    }

    [Fact]
    public void Run_lengths_decode_byte_plane_by_byte_plane()
    {
        int[] values = [.. Enumerable.Range(0, 300).Select(i => i < 150 ? 0x1234 : i * 211 % 65536)];
        DicomBuilder dicom = DicomBuilder.Grey(20, 15, values, DicomBuilder.Rle).Fragments(RunLengths(values.Select(v => (byte)(v >> 8)), values.Select(v => (byte)v)));
        Assert.Equal(values.Select(v => (float)v), Read(dicom).Voxels);
        byte[] wrong = RunLengths(values.Select(v => (byte)v));
        Assert.Contains("1 segments instead of 2", Hostile.Refused(dicom.Fragments(wrong).Build(), ImageFault.Corrupt).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Jpeg_frames_decode_however_they_are_cut_into_fragments()
    {
        byte[] first = new JpegBuilder(1, 21, 14, (1, 1)).Build();
        byte[] second = new JpegBuilder(2, 21, 14, (1, 1)).Build();
        DicomBuilder dicom = new DicomBuilder { Syntax = DicomBuilder.JpegBaseline }
            .Text(0x00080060, "CS", "MR").Layout(21, 14, 1, "MONOCHROME2", 8, 8, false)
            .Text(0x00280008, "IS", "2").Fragments(first[..100], first[100..], second);
        Volume volume = Read(dicom);
        Assert.Equal(2, volume.Depth);
        Assert.Equal(ImageReader.Read(new MemoryStream(first)).Voxels, volume.Slice(0).ToArray());
        Assert.Equal(ImageReader.Read(new MemoryStream(second)).Voxels, volume.Slice(1).ToArray());
        dicom.Text(0x00280008, "IS", "3");
        Assert.Contains("fewer frames", Hostile.Refused(dicom.Build(), ImageFault.Corrupt).Message, StringComparison.Ordinal);
        dicom.Short(0x00280011, 22).Text(0x00280008, "IS", "2");
        Assert.Contains("22×14", Hostile.Refused(dicom.Build(), ImageFault.Corrupt).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lossless_jpeg_keeps_signed_values()
    {
        int[] values = [.. Enumerable.Range(0, 16 * 9).Select(i => (i * 97 % 4000) - 2000)];
        byte[] jpeg = new LosslessJpegBuilder { Width = 16, Height = 9, Planes = [[.. values.Select(v => v & 0xFFFF)]] }.Build();
        DicomBuilder dicom = DicomBuilder.Grey(16, 9, [], DicomBuilder.JpegLossless, signed: true).Fragments(jpeg);
        Assert.Equal(values.Select(v => (float)v), Read(dicom).Voxels);
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2.4.201", "High-Throughput JPEG 2000")]
    [InlineData("1.2.840.10008.1.2.4.102", "H.264")]
    [InlineData("1.2.3.4", "1.2.3.4")]
    public void Transfer_syntaxes_that_are_not_read_are_named(string uid, string name) => Assert.Contains(
        name,
        Hostile.Refused(DicomBuilder.Grey(1, 1, [1], uid).Build(), ImageFault.Unsupported).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("1.2.840.10008.5.1.4.1.1.481.3", "RTSTRUCT")]
    [InlineData("1.2.840.10008.5.1.4.1.1.88.33", "structured report")]
    [InlineData("1.2.840.10008.1.3.10", "DICOMDIR")]
    [InlineData("1.2.840.10008.5.1.4.1.1.104.1", "PDF")]
    [InlineData("1.2.840.10008.5.1.4.1.1.4", "modality MR")]
    public void Files_without_pixels_are_named(string sopClass, string name)
    {
        DicomBuilder dicom = new DicomBuilder().Text(0x00080016, "UI", sopClass).Text(0x00080060, "CS", "MR").Text(0x00100020, "LO", "1");
        Assert.Contains(name, Hostile.Refused(dicom.Build(), ImageFault.Unsupported).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Cut_anywhere_it_is_refused(string syntax, bool part10)
    {
        DicomBuilder dicom = new() { Syntax = syntax, Part10 = part10 };
        dicom.Text(0x00080005, "CS", "ISO_IR 100").Text(0x00080060, "CS", "MR").Layout(5, 4, 1, "MONOCHROME2", 16, 16, false).Pixels(new int[20]);
        Hostile.RefusedAtEveryCut(dicom.Build(), tail: syntax == DicomBuilder.Deflated ? 2 : 0);
    }

    [Fact]
    public void Bombs_are_refused_before_they_are_allocated()
    {
        foreach ((int width, int height, string frames, ImageFault fault) in new[]
        {
            (60_000, 60_000, "1", ImageFault.TooLarge),
            (16_000, 16_000, "100", ImageFault.TooLarge),
            (16_000, 16_000, "1", ImageFault.Corrupt),
            (1, 1, "60000000", ImageFault.TooLarge),
            (1, 1, "60000", ImageFault.Corrupt),
            (1, 1, "-5", ImageFault.Corrupt),
        })
        {
            foreach (string syntax in new[] { DicomBuilder.Explicit, DicomBuilder.Deflated })
            {
                byte[] file = DicomBuilder.Grey(width, height, [1, 2], syntax).Text(0x00280008, "IS", frames).Build();
                long before = GC.GetAllocatedBytesForCurrentThread();
                Hostile.Refused(file, fault);
                Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 3_000_000, $"{width}×{height}×{frames}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Mutations_never_break_the_reader(string syntax, bool part10)
    {
        DicomBuilder item = new DicomBuilder().Text(0x00200032, "DS", "1\\2\\3");
        DicomBuilder frame = new DicomBuilder().Items(0x00209113, item);
        DicomBuilder dicom = new() { Syntax = syntax, Part10 = part10, OpenEnded = part10 };
        dicom.Text(0x00080005, "CS", "GB18030").Text(0x00080060, "CS", "MR").Text(0x00100010, "PN", "Zhang^San").Text(0x00101010, "AS", "045Y")
            .Text(0x00280008, "IS", "2").Layout(9, 8, 1, "MONOCHROME1", 16, 12, true).Text(0x00281053, "DS", "1.5").Text(0x00280030, "DS", "0.5\\0.5")
            .Items(0x52009230, frame, frame).Pixels(new int[144]);
        Hostile.SurvivesMutations(dicom.Build(), 200, syntax.Length);
    }

    [Fact]
    public void Mutations_of_encapsulated_files_never_break_the_reader()
    {
        int[] values = [.. Enumerable.Range(0, 300).Select(i => i * 211 % 65536)];
        byte[] rle = RunLengths(values.Select(v => (byte)(v >> 8)), values.Select(v => (byte)v));
        Hostile.SurvivesMutations(DicomBuilder.Grey(20, 15, [], DicomBuilder.Rle).Fragments(rle).Build(), 250, 1);
        byte[] jpeg = new JpegBuilder(1, 21, 14, (2, 2), (1, 1), (1, 1)).Build();
        DicomBuilder colour = new DicomBuilder { Syntax = DicomBuilder.JpegBaseline }
            .Text(0x00080060, "CS", "MR").Layout(21, 14, 3, "YBR_FULL_422", 8, 8, false).Fragments(jpeg[..90], jpeg[90..]);
        Hostile.SurvivesMutations(colour.Build(), 250, 2);
    }

    internal static Volume Read(DicomBuilder dicom) => ImageReader.Read(new MemoryStream(dicom.Build()));

    private static bool Near(float expected, float actual) => Math.Abs(expected - actual) <= 1e-5 * Math.Max(1, Math.Abs(expected));

    private static byte[] RunLengths(params IEnumerable<byte>[] planes)
    {
        MemoryStream body = new();
        byte[] header = new byte[64];
        header[0] = (byte)planes.Length;
        for (int i = 0; i < planes.Length; i++)
        {
            BitConverter.TryWriteBytes(header.AsSpan(4 + (4 * i)), (uint)(64 + body.Length));
            foreach (byte[] part in planes[i].Chunk(100))
            {
                bool isRun = part.Distinct().Count() == 1 && part.Length > 1;
                body.WriteByte((byte)(isRun ? 1 - part.Length : part.Length - 1));
                body.Write(isRun ? part[..1] : part);
            }
        }

        return [.. header, .. body.ToArray()];
    }
}
