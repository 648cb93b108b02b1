using System.Text;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Tests.Imaging;

public sealed class TiffTests
{
    public static TheoryData<int, int, bool, bool, bool> Layouts()
    {
        TheoryData<int, int, bool, bool, bool> layouts = [];
        foreach (int compression in new[] { TiffBuilder.None, TiffBuilder.PackBits, TiffBuilder.Lzw, TiffBuilder.Deflate })
        {
            foreach (int tile in new[] { 0, 16 })
            {
                foreach (bool bigEndian in new[] { false, true })
                {
                    layouts.Add(compression, tile, bigEndian, false, false);
                    layouts.Add(compression, tile, bigEndian, true, true);
                }
            }
        }

        return layouts;
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Unsigned_grey_of_any_width_decodes(int compression, int tile, bool bigEndian, bool bigTiff, bool minIsWhite)
    {
        foreach (int bits in new[] { 1, 2, 4, 7, 8, 10, 12, 14, 16, 32 })
        {
            ulong[] values = Values(37, 23, 1, bits, seed: bits);
            byte[] file = new TiffBuilder
            {
                Width = 37,
                Height = 23,
                Pages = [values],
                Bits = bits,
                Photometric = minIsWhite ? 0 : 1,
                Compression = compression,
                Predictor = bits is 8 or 16 or 32 && compression is TiffBuilder.Lzw or TiffBuilder.Deflate && bits % 8 == 0 ? 2 : 1,
                TileSide = tile,
                BigEndian = bigEndian,
                BigTiff = bigTiff,
            }.Build();
            Volume volume = Read(file);
            double white = Math.Pow(2, bits) - 1;
            double scale = bits < 8 ? 255 / white : 1;
            Assert.Equal((37, 23, 1, bits), (volume.Width, volume.Height, volume.Depth, volume.BitsPerSample));
            Assert.Equal(values.Select(v => (float)((minIsWhite ? white - v : v) * scale)), volume.Voxels, Near);
        }
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Signed_and_floating_point_grey_decodes(int compression, int tile, bool bigEndian, bool bigTiff, bool predicted)
    {
        bool predictable = predicted && compression is TiffBuilder.Lzw or TiffBuilder.Deflate;
        foreach ((int format, int bits) in new[] { (2, 8), (2, 16), (2, 32), (2, 64), (3, 16), (3, 32), (3, 64) })
        {
            double[] wanted = [.. Enumerable.Range(0, 37 * 23).Select(i => (double)((i * 7 % 201) - 100) / (format == 3 ? 4 : 1))];
            byte[] file = new TiffBuilder
            {
                Width = 37,
                Height = 23,
                Pages = [[.. wanted.Select(v => Encode(v, format, bits))]],
                Bits = bits,
                Format = format,
                Compression = compression,
                Predictor = predictable ? format : 1,
                TileSide = tile,
                BigEndian = bigEndian,
                BigTiff = bigTiff,
            }.Build();
            Assert.Equal(wanted.Select(v => (float)v), Read(file).Voxels);
        }
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Colours_become_luma(int compression, int tile, bool bigEndian, bool bigTiff, bool planar)
    {
        foreach ((int samples, int bits, int photometric) in new[] { (3, 8, 2), (4, 8, 2), (3, 16, 2), (3, 32, 2), (4, 8, 5), (4, 16, 5) })
        {
            ulong[] values = Values(37, 23, samples, bits, seed: samples + bits);
            byte[] file = new TiffBuilder
            {
                Width = 37,
                Height = 23,
                Pages = [values],
                Samples = samples,
                Bits = bits,
                Photometric = photometric,
                Compression = compression,
                Predictor = compression is TiffBuilder.Lzw or TiffBuilder.Deflate ? 2 : 1,
                TileSide = tile,
                BigEndian = bigEndian,
                BigTiff = bigTiff,
                Planar = planar,
            }.Build();
            double white = Math.Pow(2, bits) - 1;
            Assert.Equal(
                values.Chunk(samples).Select(v => photometric == 2
                    ? (float)Luma(v[0], v[1], v[2])
                    : (float)(Luma(white - v[0], white - v[1], white - v[2]) * (white - v[3]) / white)),
                Read(file).Voxels,
                Near);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(8)]
    public void Palettes_are_expanded(int bits)
    {
        int colours = 1 << bits;
        Random random = new(bits);
        ulong[] map = [.. Enumerable.Range(0, 3 * colours).Select(_ => (ulong)random.Next(65536))];
        ulong[] values = Values(19, 11, 1, bits, seed: 3);
        TiffBuilder tiff = new() { Width = 19, Height = 11, Pages = [values], Bits = bits, Photometric = 3, Extra = [(320, 3, map)] };
        Assert.Equal(
            values.Select(v => (float)Luma(map[v] >> 8, map[v + (ulong)colours] >> 8, map[v + (2 * (ulong)colours)] >> 8)),
            Read(tiff.Build()).Voxels,
            Near);
        tiff = new() { Width = 19, Height = 11, Pages = [values], Bits = bits, Photometric = 3, Extra = [(320, 3, map[1..])] };
        Assert.Contains("colour map", Hostile.Refused(tiff.Build(), ImageFault.Corrupt).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Facsimile_coding_decodes_to_what_libtiff_wrote()
    {
        float[] expected = [.. Enumerable.Range(0, 137 * 24).Select(i =>
            (GoldenFaxes.Bits[(i / 137 * 18) + (i % 137 / 8)] & (0x80 >> (i % 137 % 8))) != 0 ? 255f : 0)];
        foreach (byte[] file in new[] { GoldenFaxes.RunLengths, GoldenFaxes.Group3, GoldenFaxes.Group3TwoDimensional, GoldenFaxes.Group4 })
            Assert.Equal(expected, Read(file).Voxels);
    }

    [Fact]
    public void Jpeg_strips_decode_with_tables_of_their_own_or_shared()
    {
        JpegBuilder jpeg = new(3, 24, 16, (2, 2), (1, 1), (1, 1));
        byte[] stream = jpeg.Build();
        float[] luma = Read(stream).Voxels;
        int frame = stream.AsSpan().IndexOf([(byte)0xFF, (byte)0xC0]);
        int scan = stream.AsSpan().IndexOf([(byte)0xFF, (byte)0xDA]);
        int huffman = stream.AsSpan().IndexOf([(byte)0xFF, (byte)0xC4]);
        byte[] abbreviated = [0xFF, 0xD8, .. stream[frame..huffman], .. stream[scan..]];
        byte[] tables = [0xFF, 0xD8, .. stream[2..frame], .. stream[huffman..scan], 0xFF, 0xD9];
        foreach ((byte[] strip, byte[] shared) in new[] { (stream, []), (abbreviated, tables) })
        {
            byte[] file = new TiffBuilder
            {
                Width = 24,
                Height = 16,
                Pages = [new ulong[24 * 16 * 3]],
                Samples = 3,
                Photometric = 6,
                Compression = 7,
                RowsPerStrip = 16,
                Compress = _ => strip,
                Extra = shared.Length > 0 ? [(347, 7, [.. shared.Select(b => (ulong)b)])] : [],
            }.Build();
            Assert.Equal(luma, Read(file).Voxels);
        }
    }

    [Fact]
    public void Subsampled_chroma_is_passed_over()
    {
        // Units of 2×2 Y, Cb, Cr over 5×3 pixels: three units across, two down.
        byte[] units = [.. Enumerable.Range(0, 6).SelectMany(u => new byte[] { (byte)(40 * u), (byte)((40 * u) + 1), (byte)((40 * u) + 2), (byte)((40 * u) + 3), 99, 98 })];
        byte[] file = new TiffBuilder
        {
            Width = 5,
            Height = 3,
            Pages = [new ulong[5 * 3 * 3]],
            Samples = 3,
            Photometric = 6,
            RowsPerStrip = 3,
            Compress = _ => units,
            Extra = [(530, 3, [2, 2])],
        }.Build();
        Assert.Equal([0, 1, 40, 41, 80, 2, 3, 42, 43, 82, 120, 121, 160, 161, 200], Read(file).Voxels);
    }

    [Fact]
    public void Pages_of_one_size_are_slices()
    {
        ulong[][] pages = [.. Enumerable.Range(0, 4).Select(seed => Values(9, 7, 1, 16, seed))];
        Volume volume = Read(new TiffBuilder { Width = 9, Height = 7, Pages = pages, Bits = 16 }.Build());
        Assert.Equal((9, 7, 4), (volume.Width, volume.Height, volume.Depth));
        for (int z = 0; z < 4; z++)
            Assert.Equal(pages[z].Select(v => (float)v), volume.Slice(z).ToArray());
    }

    [Theory]
    [InlineData("ImageJ=1.53t\nimages=2\nslices=2\nunit=mm\nspacing=2.5\nloop=false\n", 2, 1, 0.5, 2.5)]
    [InlineData("ImageJ=1.53t\nunit=micron\nspacing=2500\n", 2, 1000, 0.5, 2.5)]
    [InlineData("ImageJ=1.53t\nunit=inch\n", 2, 1, null, null)]
    [InlineData("<?xml version=\"1.0\"?><OME><Pixels PhysicalSizeX=\"0.5\" PhysicalSizeXUnit=\"mm\" PhysicalSizeY=\"500\" PhysicalSizeZ=\"2500\"/></OME>", 72, 1, 0.5, 2.5)]
    [InlineData("", 20, 1, 0.5, 1.0)]
    [InlineData("", 28, 1, null, null)]
    public void Spacing_comes_from_what_names_its_unit(string description, ulong dots, ulong per, double? x, double? z)
    {
        TiffBuilder tiff = new()
        {
            Width = 3,
            Height = 2,
            Pages = [new ulong[6], new ulong[6]],
            Extra =
            [
                (270, 2, [.. Encoding.UTF8.GetBytes(description), 0]),
                (282, 5, [(dots << 32) | per]),
                (283, 5, [(dots << 32) | per]),
                (296, 3, [3]),
            ],
        };
        VoxelSpacing? spacing = Read(tiff.Build()).Spacing;
        Assert.Equal(x, spacing?.X);
        Assert.Equal(x, spacing?.Y);
        Assert.Equal(z, spacing?.Z);
    }

    [Fact]
    public void Resolution_by_the_inch_is_never_a_spacing()
    {
        TiffBuilder tiff = new() { Width = 1, Height = 1, Pages = [[1]], Extra = [(282, 5, [(50ul << 32) | 1]), (283, 5, [(50ul << 32) | 1]), (296, 3, [2])] };
        Volume volume = Read(tiff.Build());
        Assert.Null(volume.Spacing);
        Assert.Contains("50 dpi", Assert.Single(volume.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Orientation_is_honoured_on_every_page()
    {
        TiffBuilder tiff = new() { Width = 3, Height = 2, Pages = [[1, 2, 3, 4, 5, 6], [7, 8, 9, 10, 11, 12]], Extra = [(274, 3, [6])] };
        Volume volume = Read(tiff.Build());
        Assert.Equal((2, 3, 2), (volume.Width, volume.Height, volume.Depth));
        Assert.Equal([4, 1, 5, 2, 6, 3, 10, 7, 11, 8, 12, 9], volume.Voxels);
    }

    [Fact]
    public void Bombs_are_refused_before_they_are_allocated()
    {
        foreach ((int tag, ulong value, ImageFault fault) in new[]
        {
            (257, 60_000ul, ImageFault.TooLarge),
            (257, uint.MaxValue, ImageFault.TooLarge),
            (257, 16_000ul, ImageFault.Corrupt),
        })
        {
            foreach (int compression in new[] { TiffBuilder.None, TiffBuilder.PackBits, TiffBuilder.Lzw, TiffBuilder.Deflate, 4, 7 })
            {
                byte[] file = new TiffBuilder
                {
                    Width = 16_000,
                    Height = 1,
                    Pages = [new ulong[16_000]],
                    Bits = compression == 4 ? 1 : 8,
                    Compression = compression,
                    Compress = _ => new byte[50],
                    Extra = [(tag, 4, [value]), (278, 4, [value])],
                }.Build();
                long before = GC.GetAllocatedBytesForCurrentThread();
                Hostile.Refused(file, fault);
                Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1_000_000);
            }
        }
    }

    [Fact]
    public void Strips_that_share_their_bytes_beyond_reason_are_refused()
    {
        byte[] file = new TiffBuilder
        {
            Width = 4,
            Height = 200,
            Pages = [new ulong[800]],
            RowsPerStrip = 1,
            Extra = [(279, 4, [.. Enumerable.Repeat(1500ul, 200)])],
        }.Build();
        Assert.Contains("overlap", Hostile.Refused(file, ImageFault.Corrupt).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(259, 34925, "LZMA")]
    [InlineData(259, 6, "old-style JPEG")]
    [InlineData(259, 999, "999")]
    [InlineData(262, 32803, "32803")]
    [InlineData(339, 5, "sample format 5")]
    public void What_is_not_read_is_named(int tag, ulong value, string name)
    {
        TiffBuilder tiff = new() { Width = 2, Height = 2, Pages = [new ulong[4]], Extra = [(tag, 3, [value])] };
        Assert.Contains(name, Hostile.Refused(tiff.Build(), ImageFault.Unsupported).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cut_anywhere_it_is_refused()
    {
        foreach (int compression in new[] { TiffBuilder.None, TiffBuilder.PackBits, TiffBuilder.Lzw, TiffBuilder.Deflate })
        {
            TiffBuilder tiff = new() { Width = 9, Height = 7, Pages = [Values(9, 7, 1, 16, 1)], Bits = 16, Compression = compression };
            Hostile.RefusedAtEveryCut(tiff.Build());
        }
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Mutations_never_break_the_reader(int compression, int tile, bool bigEndian, bool bigTiff, bool planar)
    {
        TiffBuilder tiff = new()
        {
            Width = 37,
            Height = 23,
            Pages = [Values(37, 23, 3, 8, 1), Values(37, 23, 3, 8, 2)],
            Samples = 3,
            Photometric = 2,
            Compression = compression,
            Predictor = compression == TiffBuilder.Lzw ? 2 : 1,
            TileSide = tile,
            BigEndian = bigEndian,
            BigTiff = bigTiff,
            Planar = planar,
        };
        Hostile.SurvivesMutations(tiff.Build(), 80, compression + tile);
    }

    [Fact]
    public void Mutations_of_facsimile_coding_never_break_the_reader()
    {
        int seed = 0;
        foreach (byte[] file in new[] { GoldenFaxes.RunLengths, GoldenFaxes.Group3, GoldenFaxes.Group3TwoDimensional, GoldenFaxes.Group4 })
            Hostile.SurvivesMutations(file, 300, seed++);
    }

    private static Volume Read(byte[] file) => ImageReader.Read(new MemoryStream(file));

    private static bool Near(float expected, float actual) => Math.Abs(expected - actual) <= 1e-6 * Math.Abs(expected);

    private static double Luma(double r, double g, double b) => (0.299 * r) + (0.587 * g) + (0.114 * b);

    // Flat stretches and noise.
    private static ulong[] Values(int width, int height, int samples, int bits, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, width * height * samples)
            .Select(i => i / 40 % 2 == 0 ? (ulong)(seed + (i / 80)) : (ulong)random.NextInt64(1L << bits))
            .Select(v => v & (ulong.MaxValue >> (64 - bits)))];
    }

    private static ulong Encode(double value, int format, int bits) => (format, bits) switch
    {
        (2, _) => (ulong)(long)value & (ulong.MaxValue >> (64 - bits)),
        (3, 16) => BitConverter.HalfToUInt16Bits((Half)value),
        (3, 32) => BitConverter.SingleToUInt32Bits((float)value),
        _ => BitConverter.DoubleToUInt64Bits(value),
    };
}
