using System.Buffers.Binary;
using System.Text;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Tests.Imaging;

public sealed class DicomSegTests
{
    private static readonly DicomSource Source = new()
    {
        StudyInstanceUid = "1.2.3",
        SeriesInstanceUid = "1.2.4",
        FrameOfReferenceUid = "1.2.5",
        Slices = [.. Enumerable.Range(0, 5).Select(z => new DicomReference("1.2.840.10008.5.1.4.1.1.4", $"1.2.6.{z}", null))],
        PatientName = "Li^Si=李^四",
        PatientId = "P7",
        PatientBirthDate = "19700102",
        PatientSex = "M",
        StudyDate = "20250304",
        StudyTime = "101112",
        StudyId = "S1",
        AccessionNumber = "A1",
    };

    private static readonly VolumeGeometry Geometry = new(7, 5, 5)
    {
        Spacing = new VoxelSpacing(0.5, 0.75, 2.5),
        SliceThickness = 2,
        Orientation = new VolumeOrientation([-10.5, 20.25, 3], [0, 1, 0], [0, 0, -1], [-1, 0, 0]),
        Source = Source,
    };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_mask_comes_back_bit_by_bit(int seed)
    {
        // 35 pixels a frame: frames begin within bytes.
        Random random = new(seed);
        Mask mask = new([.. Enumerable.Range(0, 175).Select(_ => (byte)random.Next(2))], 7, 5, 5);
        Volume read = ImageReader.Read(new MemoryStream(Write(mask, Geometry, "model")));
        Assert.Equal(mask.Voxels.Select(v => (float)v), read.Voxels);
        Assert.Equal(Geometry.Spacing, read.Spacing);
        Assert.Equal(2, read.SliceThickness);
        Assert.True(Geometry.DistanceTo(read.Geometry) < 1e-9);
        Assert.Equal("李四", read.Study.PatientName);
        Assert.Equal(("P7", "M", "2025-03-04"), (read.Study.PatientId, read.Study.Gender, read.Study.StudyDate));
    }

    [Fact]
    public void The_attributes_are_those_of_a_segmentation()
    {
        Mask mask = Mask.Empty(7, 5, 5);
        mask.Voxels[(1 * 35) + 3] = 1;
        mask.Voxels[(3 * 35) + 34] = 1;
        byte[] file = Write(mask, Geometry, "Yolov11_best");
        Dictionary<string, string> elements = Dump(file);
        void Is(string path, string value) => Assert.Equal(value, elements[path]);

        Is("00020002", "1.2.840.10008.5.1.4.1.1.66.4");
        Is("00020010", "1.2.840.10008.1.2.1");
        Assert.Equal(elements["00020003"], elements["00080018"]);
        Assert.Matches(@"^2\.25\.[1-9][0-9]{10,38}$", elements["00080018"]);
        Is("00080016", "1.2.840.10008.5.1.4.1.1.66.4");
        Is("00080060", "SEG");
        Is("00080008", "DERIVED\\PRIMARY");
        Is("0020000D", "1.2.3");
        Is("00200052", "1.2.5");
        Is("00080030", "101112");
        Is("00080050", "A1");
        Is("00200010", "S1");
        Is("00100030", "19700102");
        Is("00280008", "2");
        Is("00280100", "1");
        Is("00280101", "1");
        Is("00280102", "0");
        Is("00280004", "MONOCHROME2");
        Is("00620001", "BINARY");
        Is("00620002[0].00620004", "1");
        Is("00620002[0].00620008", "AUTOMATIC");
        Is("00620002[0].00620009", "Yolov11_best");
        Is("00620002[0].00620003[0].00080100", "49755003");
        Is("00620002[0].0062000F[0].00080100", "108369006");
        Is("00620002[0].0062000F[0].00080102", "SCT");
        Is("00620002[0].0062000F[0].00080104", "Neoplasm");
        Is("52009229[0].00209116[0].00200037", "0\\1\\0\\0\\0\\-1");
        Is("52009229[0].00289110[0].00280030", "0.75\\0.5");
        Is("52009229[0].00289110[0].00180050", "2");
        Is("52009229[0].00289110[0].00180088", "2.5");
        Is("52009230[0].00209113[0].00200032", "-13\\20.25\\3");
        Is("52009230[1].00209113[0].00200032", "-18\\20.25\\3");
        Is("52009230[0].00209111[0].00209157", "1\\1");
        Is("52009230[1].00209111[0].00209157", "1\\2");
        Is("52009230[0].0062000A[0].0062000B", "1");
        Is("52009230[0].00089124[0].00082112[0].00081155", "1.2.6.1");
        Is("52009230[1].00089124[0].00082112[0].00081155", "1.2.6.3");
        Is("52009230[1].00089124[0].00082112[0].00081150", "1.2.840.10008.5.1.4.1.1.4");
        Is("00081115[0].0020000E", "1.2.4");
        Is("00081115[0].0008114A[1].00081155", "1.2.6.3");
        Assert.Equal(elements["00209221[0].00209164"], elements["00209222[0].00209164"]);
        Is("00209222[0].00209165", "0062000B");
        Is("00209222[1].00209165", "00200032");
        Assert.DoesNotContain("52009230[2].00209111[0].00209157", elements.Keys);
        Assert.Equal([8, 0, 0, 0, 0, 0, 0, 0, 0x20, 0], file[^10..]);
    }

    [Fact]
    public void A_person_s_mask_says_so_and_a_plain_picture_gets_a_frame_of_its_own()
    {
        VolumeGeometry plain = new(7, 5, 1) { Spacing = new VoxelSpacing(0.5, 0.5, 1), SliceThickness = 4 };
        Dictionary<string, string> elements = Dump(Write(Mask.Empty(7, 5), plain, null));
        Assert.Equal("MANUAL", elements["00620002[0].00620008"]);
        Assert.DoesNotContain("00620002[0].00620009", elements.Keys);
        Assert.Equal("=王医生^", elements["00700084"]);
        Assert.Equal("=张三^", elements["00100010"]);
        Assert.Equal("045Y", elements["00101010"]);
        Assert.Equal("1", elements["00280008"]);
        Assert.Equal("1\\0\\0\\0\\1\\0", elements["52009229[0].00209116[0].00200037"]);
        Assert.Equal("4", elements["52009229[0].00289110[0].00180050"]);
        Assert.StartsWith("2.25.", elements["0020000D"], StringComparison.Ordinal);
        Assert.StartsWith("2.25.", elements["00200052"], StringComparison.Ordinal);
        Assert.DoesNotContain(elements.Keys, key => key.StartsWith("00081115", StringComparison.Ordinal));
        Assert.Throws<ArgumentException>(() => Write(Mask.Empty(7, 5), new VolumeGeometry(7, 5, 1), null));
    }

    [Fact]
    public void The_same_mask_is_the_same_object_and_masks_of_an_image_share_its_study()
    {
        VolumeGeometry plain = new(7, 5, 1) { Spacing = new VoxelSpacing(0.5, 0.5, 1) };
        Assert.Equal(Write(Mask.Empty(7, 5), plain, "a"), Write(Mask.Empty(7, 5), plain, "a"));
        Dictionary<string, string> one = Dump(Write(Mask.Empty(7, 5), plain, "a", "one"));
        Dictionary<string, string> two = Dump(Write(Mask.Empty(7, 5), plain, "a", "two"));
        Assert.NotEqual(one["00080018"], two["00080018"]);
        Assert.NotEqual(one["0020000E"], two["0020000E"]);
        Assert.Equal((one["0020000D"], one["00200052"]), (two["0020000D"], two["00200052"]));
    }

    [Fact]
    public void Numbers_are_written_in_sixteen_characters()
    {
        VolumeGeometry odd = Geometry with
        {
            Spacing = new VoxelSpacing(1.0 / 3, 2e-7 / 3, 2.5),
            Orientation = new VolumeOrientation([-1234.5678901234567, -1e-7 / 3, 0], [0.8, 0.6, 0], [-0.6, 0.8, 0], [0, 0, 1]),
        };
        Mask mask = Mask.Empty(7, 5, 5);
        mask.Voxels[0] = 1;
        foreach (string value in Dump(Write(mask, odd, "a")).Where(e => e.Key.EndsWith("00200032", StringComparison.Ordinal) || e.Key.EndsWith("00280030", StringComparison.Ordinal)).SelectMany(e => e.Value.Split('\\')))
            Assert.InRange(value.Length, 1, 16);
    }

    [Fact]
    public void The_source_of_a_file_is_read_and_a_malformed_identifier_is_not()
    {
        byte[] File(string uid) => DicomBuilder.Grey(2, 1, [1, 2, 3, 4])
            .Text(0x00080018, "UI", uid).Text(0x00280008, "IS", "2").Text(0x0020000E, "UI", "1.9").Build();
        DicomSource? source = ImageReader.ReadGeometry(new MemoryStream(File("1.2.77"))).Source;
        Assert.Equal([("1.2.77", 1), ("1.2.77", 2)], source!.Slices.Select(s => (s.SopInstanceUid, s.Frame!.Value)));
        Assert.Equal("1.9", source.SeriesInstanceUid);
        Assert.Empty(ImageReader.Read(new MemoryStream(File("../../x"))).Source!.Slices);
        Assert.Empty(ImageReader.Read(new MemoryStream(File(new string('1', 65)))).Source!.Slices);
    }

    private static byte[] Write(Mask mask, VolumeGeometry geometry, string? algorithm, string key = "mask")
    {
        MemoryStream file = new();
        DicomSegWriter.Write(file, new DicomSegmentation
        {
            Mask = mask,
            Geometry = geometry,
            Algorithm = algorithm,
            Creator = algorithm is null ? "王医生" : null,
            CreatedAt = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
            ImageKey = "image",
            MaskKey = key,
            Study = new StudyFacts { PatientName = "张三", Age = 45, StudyDate = "2026-01-01" },
        });
        return file.ToArray();
    }

    /// <summary>Every element but the pixels as text, by the path of its tags; read here on its own, not by the reader.</summary>
    private static Dictionary<string, string> Dump(byte[] file)
    {
        Assert.Equal("DICM"u8, file.AsSpan(128, 4));
        Dictionary<string, string> elements = [];
        Walk(file.AsSpan(132), "", elements);
        return elements;
    }

    private static void Walk(ReadOnlySpan<byte> data, string path, Dictionary<string, string> elements)
    {
        uint last = 0;
        while (!data.IsEmpty)
        {
            uint tag = Tag(data);
            Assert.True(tag > last, $"{path}{tag:X8} follows {last:X8}");
            last = tag;
            string vr = Encoding.ASCII.GetString(data.Slice(4, 2));
            bool isLong = vr is "OB" or "SQ";
            int length = isLong ? BinaryPrimitives.ReadInt32LittleEndian(data[8..]) : BinaryPrimitives.ReadUInt16LittleEndian(data[6..]);
            ReadOnlySpan<byte> value = data.Slice(isLong ? 12 : 8, length);
            Assert.Equal(0, length % 2);
            data = data[((isLong ? 12 : 8) + length)..];
            string name = $"{path}{tag:X8}";
            if (vr == "SQ")
                WalkItems(value, name, elements);
            else
                elements.Add(name, Text(vr, value));
        }
    }

    private static void WalkItems(ReadOnlySpan<byte> items, string path, Dictionary<string, string> elements)
    {
        for (int i = 0; !items.IsEmpty; i++)
        {
            Assert.Equal(0xFFFEE000, Tag(items));
            int length = BinaryPrimitives.ReadInt32LittleEndian(items[4..]);
            Walk(items.Slice(8, length), $"{path}[{i}].", elements);
            items = items[(8 + length)..];
        }
    }

    private static uint Tag(ReadOnlySpan<byte> data) =>
        ((uint)BinaryPrimitives.ReadUInt16LittleEndian(data) << 16) | BinaryPrimitives.ReadUInt16LittleEndian(data[2..]);

    private static string Text(string vr, ReadOnlySpan<byte> value)
    {
        List<string> parts = [];
        switch (vr)
        {
            case "OB":
                return "";
            case "US":
                return $"{BinaryPrimitives.ReadUInt16LittleEndian(value)}";
            case "AT":
                return $"{Tag(value):X8}";
            case "UL":
                for (int i = 0; i < value.Length; i += 4)
                    parts.Add($"{BinaryPrimitives.ReadUInt32LittleEndian(value[i..])}");
                return string.Join('\\', parts);
            default:
                return Encoding.UTF8.GetString(value).TrimEnd(' ', '\0');
        }
    }
}
