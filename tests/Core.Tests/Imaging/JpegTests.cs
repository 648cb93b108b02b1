using System.Buffers.Binary;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Tests.Imaging;

public sealed class JpegTests
{
    private static readonly (int H, int V)[] Grey = [(1, 1)];
    private static readonly (int H, int V)[] Full = [(1, 1), (1, 1), (1, 1)];
    private static readonly (int H, int V)[] Half = [(2, 2), (1, 1), (1, 1)];

    public static TheoryData<bool, bool, int, JpegCodes, int> Variants()
    {
        TheoryData<bool, bool, int, JpegCodes, int> variants = [];
        foreach (bool progressive in new[] { false, true })
        {
            foreach (bool interleaved in new[] { false, true })
            {
                foreach (int restart in new[] { 0, 1, 3 })
                {
                    foreach (JpegCodes codes in Enum.GetValues<JpegCodes>())
                    {
                        variants.Add(progressive, interleaved, restart, codes, 8);
                        variants.Add(progressive, interleaved, restart, codes, 12);
                    }
                }
            }
        }

        return variants;
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Luma_agrees_with_the_definition(bool progressive, bool interleaved, int restart, JpegCodes codes, int precision)
    {
        int seed = 1;
        foreach ((int width, int height) in new[] { (1, 1), (8, 8), (9, 7), (16, 17), (41, 30) })
        {
            foreach ((int H, int V)[] sampling in new[] { Grey, Full, Half, [(2, 1), (1, 1), (1, 1)], [(1, 2), (1, 1), (1, 2)], [(2, 2)] })
            {
                JpegBuilder jpeg = new(seed++, width, height, sampling)
                {
                    Progressive = progressive,
                    Interleaved = interleaved,
                    Restart = restart,
                    Codes = codes,
                    Precision = precision,
                };
                Volume volume = ImageReader.Read(new MemoryStream(jpeg.Build()));
                Assert.Equal((width, height, precision), (volume.Width, volume.Height, volume.BitsPerSample));
                AssertClose(jpeg.ExpectedPlane(0), volume.Voxels, $"{width}×{height}, {sampling.Length} components");
            }
        }
    }

    [Fact]
    public void What_libjpeg_wrote_decodes_to_what_libjpeg_reads()
    {
        Assert.Equal(GoldenJpegs.GreyLuma.Select(b => (float)b), ImageReader.Read(new MemoryStream(GoldenJpegs.GreyFile)).Voxels);
        Assert.Equal(GoldenJpegs.SubsampledLuma.Select(b => (float)b), ImageReader.Read(new MemoryStream(GoldenJpegs.SubsampledFile)).Voxels);
    }

    [Fact]
    public void Rgb_becomes_luma_however_it_is_sampled()
    {
        foreach ((int H, int V)[] sampling in new[] { Full, Half, [(1, 1), (2, 2), (2, 1)] })
        {
            JpegBuilder jpeg = new(8, 21, 13, sampling) { Extra = [(0xEE, Adobe(0))] };
            double[][] rgb = [.. Enumerable.Range(0, 3).Select(jpeg.ExpectedPlane)];
            double[] luma = [.. rgb[0].Select((r, i) => (0.299 * r) + (0.587 * rgb[1][i]) + (0.114 * rgb[2][i]))];
            AssertClose(luma, ImageReader.Read(new MemoryStream(jpeg.Build())).Voxels, "RGB");
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Cmyk_becomes_the_luma_of_the_print(bool adobe)
    {
        JpegBuilder jpeg = new(9, 21, 13, (1, 1), (1, 1), (1, 1), (1, 1)) { Extra = adobe ? [(0xEE, Adobe(0))] : [] };
        double[][] paper = [.. Enumerable.Range(0, 4).Select(c => jpeg.ExpectedPlane(c).Select(s => adobe ? s : 255 - s).ToArray())];
        double[] luma = [.. paper[0].Select((r, i) => ((0.299 * r) + (0.587 * paper[1][i]) + (0.114 * paper[2][i])) * paper[3][i] / 255)];
        AssertClose(luma, ImageReader.Read(new MemoryStream(jpeg.Build())).Voxels, "CMYK");
    }

    [Fact]
    public void Ycck_becomes_the_luma_of_the_print()
    {
        JpegBuilder jpeg = new(10, 21, 13, (1, 1), (1, 1), (1, 1), (1, 1)) { Extra = [(0xEE, Adobe(2))] };
        double[] k = jpeg.ExpectedPlane(3);
        double[] luma = [.. jpeg.ExpectedPlane(0).Select((y, i) => (255 - y) * k[i] / 255)];
        AssertClose(luma, ImageReader.Read(new MemoryStream(jpeg.Build())).Voxels, "YCCK");
    }

    [Fact]
    public void Lossless_is_exact_for_every_predictor_and_precision()
    {
        Random random = new(3);
        foreach (int precision in new[] { 2, 8, 12, 15, 16 })
        {
            for (int predictor = 1; predictor <= 7; predictor++)
            {
                int[] plane = [.. Enumerable.Range(0, 23 * 11).Select(i => ((i * 37) + random.Next(1 << precision)) % (1 << precision))];
                LosslessJpegBuilder jpeg = new()
                {
                    Width = 23,
                    Height = 11,
                    Planes = [plane],
                    Precision = precision,
                    Predictor = predictor,
                    RestartRows = predictor % 3 * 2,
                    Codes = (JpegCodes)(predictor % 3),
                };
                Volume volume = ImageReader.Read(new MemoryStream(jpeg.Build()));
                Assert.Equal(precision, volume.BitsPerSample);
                Assert.Equal(plane.Select(s => (float)s), volume.Voxels);
            }
        }
    }

    [Fact]
    public void Lossless_point_transform_and_components_are_honoured()
    {
        int[] plane = [.. Enumerable.Range(0, 30).Select(i => i * 2100)];
        LosslessJpegBuilder jpeg = new() { Width = 6, Height = 5, Planes = [plane], PointTransform = 3, Predictor = 4 };
        Assert.Equal(plane.Select(s => (float)(s >> 3 << 3)), ImageReader.Read(new MemoryStream(jpeg.Build())).Voxels);

        // Three components are YCbCr unless something says otherwise.
        jpeg = new() { Width = 6, Height = 5, Planes = [plane, [.. plane.Reverse()], plane], Predictor = 7 };
        Assert.Equal(plane.Select(s => (float)s), ImageReader.Read(new MemoryStream(jpeg.Build())).Voxels);
    }

    // EXIF 2.3, 4.6.4: where row 0 and column 0 of the stored image lie in the picture.
    [Theory]
    [InlineData(1, "top", "left")]
    [InlineData(2, "top", "right")]
    [InlineData(3, "bottom", "right")]
    [InlineData(4, "bottom", "left")]
    [InlineData(5, "left", "top")]
    [InlineData(6, "right", "top")]
    [InlineData(7, "right", "bottom")]
    [InlineData(8, "left", "bottom")]
    public void The_orientation_tag_is_honoured(int orientation, string row0, string column0)
    {
        const int width = 21;
        const int height = 10;
        float[] stored = ImageReader.Read(new MemoryStream(new JpegBuilder(12, width, height, Grey).Build())).Voxels;
        JpegBuilder tagged = new(12, width, height, Grey) { Extra = [(0xE1, Exif(orientation))] };
        Volume picture = ImageReader.Read(new MemoryStream(tagged.Build()));
        bool turned = row0 is "left" or "right";
        Assert.Equal(turned ? (height, width) : (width, height), (picture.Width, picture.Height));
        for (int row = 0; row < height; row++)
        {
            for (int column = 0; column < width; column++)
            {
                int Place(string side, int index) => side is "top" or "left" ? index : (side is "bottom" ? picture.Height : picture.Width) - 1 - index;
                (int x, int y) = turned ? (Place(row0, row), Place(column0, column)) : (Place(column0, column), Place(row0, row));
                Assert.Equal(stored[(row * width) + column], picture.Voxels[(y * picture.Width) + x]);
            }
        }

        Assert.Equal(orientation == 1 ? 0 : 1, picture.Notes.Count);
    }

    [Theory]
    [InlineData(1, 72, null)]
    [InlineData(1, 50, null)] // by the inch: never a pixel size
    [InlineData(2, 38, null)] // 96 dpi by the centimetre
    [InlineData(2, 20, 0.5)]
    [InlineData(0, 1, null)]
    public void Density_is_a_spacing_only_where_it_cannot_be_a_screens(byte unit, byte density, double? spacing)
    {
        byte[] jfif = [.. "JFIF\0"u8, 1, 1, unit, 0, density, 0, density, 0, 0];
        JpegBuilder jpeg = new(1, 8, 8, Grey) { Extra = [(0xE0, jfif)] };
        Assert.Equal(spacing, ImageReader.Read(new MemoryStream(jpeg.Build())).Spacing?.X);
    }

    [Theory]
    [InlineData(0xC9, "arithmetic")]
    [InlineData(0xC5, "hierarchical")]
    [InlineData(0xF7, "JPEG-LS")]
    public void Other_processes_are_refused_by_name(byte marker, string name)
    {
        byte[] file = new JpegBuilder(1, 8, 8, Grey).Build();
        file[Array.IndexOf(file, (byte)0xC0)] = marker;
        Assert.Contains(name, Hostile.Refused(file, ImageFault.Unsupported).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_bomb_is_refused_before_it_is_allocated()
    {
        foreach ((int width, int height, ImageFault fault) in new[]
        {
            (60_000, 60_000, ImageFault.TooLarge), (16_384, 16_384, ImageFault.Corrupt), (65_535, 1, ImageFault.TooLarge),
        })
        {
            byte[] file = new JpegBuilder(1, 8, 8, Grey).Build();
            int frame = Array.IndexOf(file, (byte)0xC0);
            BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(frame + 4), (ushort)height);
            BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(frame + 6), (ushort)width);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Hostile.Refused(file, fault);
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 200_000);
        }
    }

    [Fact]
    public void More_scans_than_any_file_has_are_refused()
    {
        JpegBuilder jpeg = new(1, 8, 8, Grey) { Progressive = true };
        byte[] file = jpeg.Build();
        int start = file.AsSpan().IndexOf([(byte)0xFF, (byte)0xDA]);
        byte[] scans = file[start..^2];
        byte[] bomb = [.. file[..start], .. Enumerable.Repeat(scans, 100).SelectMany(s => s), 0xFF, 0xD9];
        Assert.Contains("scans", Hostile.Refused(bomb, ImageFault.Corrupt).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cut_anywhere_it_is_refused()
    {
        Hostile.RefusedAtEveryCut(new JpegBuilder(2, 20, 9, Half) { Restart = 1 }.Build());
        Hostile.RefusedAtEveryCut(GoldenJpegs.GreyFile);
        Hostile.RefusedAtEveryCut(new LosslessJpegBuilder { Width = 5, Height = 5, Planes = [new int[25]] }.Build());
    }

    [Theory]
    [MemberData(nameof(Variants))]
    public void Mutations_never_break_the_reader(bool progressive, bool interleaved, int restart, JpegCodes codes, int precision)
    {
        JpegBuilder jpeg = new(4, 30, 21, Half)
        {
            Progressive = progressive,
            Interleaved = interleaved,
            Restart = restart,
            Codes = codes,
            Precision = precision,
        };
        Hostile.SurvivesMutations(jpeg.Build(), 40, restart + precision);
    }

    [Fact]
    public void Mutations_of_other_kinds_never_break_the_reader()
    {
        Hostile.SurvivesMutations(GoldenJpegs.GreyFile, 400, 1);
        Hostile.SurvivesMutations(GoldenJpegs.SubsampledFile, 400, 2);
        int[] plane = [.. Enumerable.Range(0, 30 * 20).Select(i => i * 101 % 65536)];
        Hostile.SurvivesMutations(new LosslessJpegBuilder { Width = 30, Height = 20, Planes = [plane], Predictor = 6, RestartRows = 4 }.Build(), 400, 3);
        Hostile.SurvivesMutations(new LosslessJpegBuilder { Width = 30, Height = 20, Planes = [plane, plane, plane] }.Build(), 200, 4);
        Hostile.SurvivesMutations(new JpegBuilder(5, 17, 17, Grey) { Extra = [(0xE1, Exif(6)), (0xEE, Adobe(0))] }.Build(), 200, 5);
    }

    private static void AssertClose(double[] expected, float[] actual, string what)
    {
        double worst = 0;
        double sum = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            worst = Math.Max(worst, Math.Abs(expected[i] - actual[i]));
            sum += Math.Abs(expected[i] - actual[i]);
        }

        Assert.Equal(expected.Length, actual.Length);
        Assert.True(worst < 1.05 && sum / expected.Length < 0.501, $"{what}: off by up to {worst}, {sum / expected.Length} on average");
    }

    private static byte[] Adobe(byte transform) => [.. "Adobe"u8, 0, 100, 0, 0, 0, 0, transform];

    private static byte[] Exif(int orientation) =>
        [.. "Exif\0\0MM\0*"u8, 0, 0, 0, 8, 0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];
}
