using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Tests.Imaging;

public sealed class PngTests
{
    public static TheoryData<int, int, bool> Kinds()
    {
        TheoryData<int, int, bool> kinds = [];
        foreach ((int colour, int[] depths) in new (int, int[])[]
        {
            (PngBuilder.Grey, [1, 2, 4, 8, 16]),
            (PngBuilder.Rgb, [8, 16]),
            (PngBuilder.Palette, [1, 2, 4, 8]),
            (PngBuilder.GreyAlpha, [8, 16]),
            (PngBuilder.Rgba, [8, 16]),
        })
        {
            foreach (int depth in depths)
            {
                kinds.Add(colour, depth, false);
                kinds.Add(colour, depth, true);
            }
        }

        return kinds;
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_decodes_to_its_samples(int colour, int depth, bool interlaced)
    {
        Random random = new((colour * 100) + depth);
        foreach ((int width, int height) in new[] { (1, 1), (1, 9), (9, 1), (3, 5), (8, 8), (33, 17), (70, 40) })
        {
            PngBuilder png = PngBuilder.Random(random, width, height, colour, depth, interlaced);
            Volume volume = ImageReader.Read(new MemoryStream(png.Build()));
            Assert.Equal((width, height, 1), (volume.Width, volume.Height, volume.Depth));
            Assert.Equal((ImageFormat.Png, depth), (volume.Format, volume.BitsPerSample));
            Assert.Null(volume.Spacing);
            Assert.Equal(png.ExpectedGrey(), volume.Voxels);
        }
    }

    [Fact]
    public void Rows_longer_than_a_block_decode()
    {
        PngBuilder png = PngBuilder.Random(new Random(5), 9_000, 7, PngBuilder.Rgba, 16, false);
        Assert.Equal(png.ExpectedGrey(), ImageReader.Read(new MemoryStream(png.Build())).Voxels);
    }

    [Fact]
    public void Transparency_and_unknown_ancillary_chunks_are_passed_over()
    {
        PngBuilder png = Simple(extra: [("tRNS", [0, 7]), ("tEXt", "Comment\0hello"u8.ToArray()), ("zzZz", new byte[70_000])]);
        Assert.Equal(png.ExpectedGrey(), ImageReader.Read(new MemoryStream(png.Build())).Voxels);
    }

    [Theory]
    [InlineData(2000, 1, 0.5)]
    [InlineData(1024, 1, 0.9765625)]
    [InlineData(250, 1, 4.0)]
    [InlineData(2835, 1, null)] // 72 dpi
    [InlineData(3780, 1, null)] // 96 dpi
    [InlineData(11811, 1, null)] // 300 dpi
    [InlineData(2000, 0, null)] // an aspect ratio
    [InlineData(1, 1, null)]
    [InlineData(0, 1, null)]
    public void Only_a_resolution_coarser_than_any_screen_is_a_spacing(int pixelsPerUnit, int unit, double? spacing)
    {
        byte[] phys = [0, 0, (byte)(pixelsPerUnit >> 8), (byte)pixelsPerUnit, 0, 0, (byte)(pixelsPerUnit >> 8), (byte)pixelsPerUnit, (byte)unit];
        Volume volume = ImageReader.Read(new MemoryStream(Simple(extra: [("pHYs", phys)]).Build()));
        Assert.Equal(spacing, volume.Spacing?.X);
        Assert.Equal(spacing, volume.Spacing?.Y);

        // Whatever was decided about a resolution is said.
        Assert.Equal(unit == 1 && pixelsPerUnit > 0 ? 1 : 0, volume.Notes.Count);
    }

    [Fact]
    public void A_header_bomb_is_refused_before_it_is_allocated()
    {
        foreach ((int width, int height) in new[] { (60_000, 60_000), (1, 20_000), (int.MaxValue, int.MaxValue), (16_384, 16_385) })
        {
            byte[] file = Bomb(width, height);
            long before = GC.GetAllocatedBytesForCurrentThread();
            ImageFormatException e = Hostile.Refused(file, ImageFault.TooLarge);
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
            Assert.Contains($"{width}×{height}", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_size_within_the_limits_that_the_file_cannot_hold_is_refused_before_it_is_allocated()
    {
        byte[] file = Bomb(16_384, 16_384);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Hostile.Refused(file, ImageFault.Corrupt);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
    }

    [Theory]
    [InlineData(0, 1, 0, 8)]
    [InlineData(1, 0, 0, 8)]
    [InlineData(1, 1, 0, 3)]
    [InlineData(1, 1, 1, 8)]
    [InlineData(1, 1, 2, 4)]
    [InlineData(1, 1, 3, 16)]
    [InlineData(1, 1, 7, 8)]
    public void Impossible_headers_are_refused(int width, int height, int colour, int depth)
    {
        MemoryStream file = new(PngBuilder.Random(new Random(1), 1, 1, PngBuilder.Grey, 8, false).Build());
        MemoryStream changed = new();
        changed.Write(file.ToArray().AsSpan(0, 8));
        PngBuilder.Chunk(changed, "IHDR", PngBuilder.Header(width, height, depth, colour, false));
        changed.Write(file.ToArray().AsSpan(8 + 25));
        Hostile.Refused(changed.ToArray(), ImageFault.Corrupt);
    }

    [Fact]
    public void A_pixel_outside_the_palette_is_refused()
    {
        PngBuilder png = new() { Width = 2, Height = 1, Colour = PngBuilder.Palette, Samples = [0, 2], PaletteEntries = [1, 2, 3, 4, 5, 6] };
        Assert.Contains("colour 2", Hostile.Refused(png.Build(), ImageFault.Corrupt).Message, StringComparison.Ordinal);
        png = new() { Width = 2, Height = 1, Colour = PngBuilder.Palette, Samples = [0, 1], PaletteEntries = null };
        Hostile.Refused(png.Build(), ImageFault.Corrupt);
    }

    [Fact]
    public void A_filter_that_does_not_exist_is_refused()
    {
        PngBuilder png = new() { Width = 2, Height = 2, Samples = [1, 2, 3, 4], Filter = row => row * 5 };
        Assert.Contains("filter 5", Hostile.Refused(png.Build(), ImageFault.Corrupt).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flipped_bit_in_any_critical_chunk_is_noticed()
    {
        byte[] file = PngBuilder.Random(new Random(3), 12, 9, PngBuilder.Rgb, 8, false).Build();
        for (int i = 0; i < file.Length; i++)
        {
            byte[] flipped = [.. file];
            flipped[i] ^= 0x10;
            Hostile.Refused(flipped);
        }
    }

    [Fact]
    public void Cut_anywhere_it_is_refused()
    {
        Hostile.RefusedAtEveryCut(PngBuilder.Random(new Random(4), 9, 11, PngBuilder.Palette, 4, true).Build());
        Hostile.RefusedAtEveryCut(PngBuilder.Random(new Random(4), 20, 11, PngBuilder.Grey, 8, false).Build());
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Mutations_never_break_the_reader(int colour, int depth, bool interlaced) =>
        Hostile.SurvivesMutations(PngBuilder.Random(new Random(7), 21, 13, colour, depth, interlaced).Build(), 60, colour + depth);

    [Fact]
    public void Animated_files_yield_their_default_image_and_say_so()
    {
        PngBuilder png = Simple(extra: [("acTL", new byte[8])]);
        Assert.Contains(ImageReader.Read(new MemoryStream(png.Build())).Notes, note => note.Contains("animated", StringComparison.Ordinal));
    }

    [Fact]
    public void Reading_stops_when_cancelled()
    {
        using CancellationTokenSource cancelled = new();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => ImageReader.Read(new MemoryStream(Simple([]).Build()), cancellation: cancelled.Token));
    }

    private static PngBuilder Simple(List<(string, byte[])> extra) =>
        new() { Width = 3, Height = 2, Samples = [0, 7, 255, 9, 100, 200], Extra = extra };

    private static byte[] Bomb(int width, int height)
    {
        MemoryStream file = new();
        file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        PngBuilder.Chunk(file, "IHDR", PngBuilder.Header(width, height, 8, PngBuilder.Grey, false));
        PngBuilder.Chunk(file, "IDAT", [0x78, 0x9C, 0x63, 0x00]);
        PngBuilder.Chunk(file, "IEND", []);
        return file.ToArray();
    }
}
