using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Tests.Imaging;

public sealed class JpegLsTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    [InlineData(12)]
    [InlineData(16)]
    public void Lossless_is_exact_at_every_precision(int precision)
    {
        foreach ((int width, int height) in new[] { (1, 1), (1, 9), (40, 3), (67, 50) })
        {
            int[] plane = Scene(width, height, precision, seed: precision + width);
            JpegLsBuilder jpeg = new() { Width = width, Height = height, Planes = [plane], Precision = precision };
            Assert.Equal(plane.Select(s => (float)s), Read(jpeg).Voxels);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10)]
    public void Near_lossless_stays_within_its_bound(int near)
    {
        int[] plane = Scene(67, 50, 8, seed: near);
        Volume volume = Read(new JpegLsBuilder { Width = 67, Height = 50, Planes = [plane], Near = near });
        Assert.All(plane.Zip(volume.Voxels), pair => Assert.InRange(pair.First - pair.Second, -near, near));
    }

    [Fact]
    public void Parameters_of_the_file_are_honoured()
    {
        int[] plane = Scene(67, 50, 8, seed: 5);
        Assert.Equal(
            plane.Select(s => (float)s),
            Read(new JpegLsBuilder { Width = 67, Height = 50, Planes = [plane], Preset = [9, 9, 9, 31] }).Voxels);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Colours_decode_in_every_interleaving(int interleave)
    {
        int[][] planes = [Scene(31, 20, 8, 1), Scene(31, 20, 8, 2), Scene(31, 20, 8, 3)];
        JpegLsBuilder jpeg = new() { Width = 31, Height = 20, Planes = planes, Interleave = interleave };
        Assert.Equal(
            planes[0].Select((r, i) => (float)((0.299 * r) + (0.587 * planes[1][i]) + (0.114 * planes[2][i]))),
            Read(jpeg).Voxels,
            (a, b) => Math.Abs(a - b) < 1e-3);
    }

    [Fact]
    public void Cuts_and_mutations_never_break_the_reader()
    {
        JpegLsBuilder grey = new() { Width = 30, Height = 21, Planes = [Scene(30, 21, 12, 4)], Precision = 12 };
        byte[] file = Wrap(grey).Build();
        Hostile.SurvivesMutations(file, 400, 1);
        JpegLsBuilder colour = new() { Width = 20, Height = 21, Planes = [Scene(20, 21, 8, 5), Scene(20, 21, 8, 6), Scene(20, 21, 8, 7)], Interleave = 2, Near = 2 };
        Hostile.SurvivesMutations(Wrap(colour).Build(), 400, 2);
        byte[] jpeg = grey.Build();
        for (int length = 0; length < jpeg.Length - 3; length++)
            Hostile.Refused(DicomBuilder.Grey(30, 21, [], DicomBuilder.JpegLs, bits: 12).Fragments(jpeg[..length]).Build(), ImageFault.Corrupt);
    }

    private static Volume Read(JpegLsBuilder jpeg) => DicomTests.Read(Wrap(jpeg));

    private static DicomBuilder Wrap(JpegLsBuilder jpeg)
    {
        bool isColour = jpeg.Planes.Length > 1;
        return new DicomBuilder { Syntax = DicomBuilder.JpegLs }
            .Text(0x00080060, "CS", "MR")
            .Layout(jpeg.Width, jpeg.Height, jpeg.Planes.Length, isColour ? "RGB" : "MONOCHROME2", jpeg.Precision > 8 ? 16 : 8, jpeg.Precision, false)
            .Fragments(jpeg.Build());
    }

    // Flat stretches for the runs, ramps and noise for the contexts.
    private static int[] Scene(int width, int height, int precision, int seed)
    {
        Random random = new(seed);
        int range = 1 << precision;
        return [.. Enumerable.Range(0, width * height).Select(i => (i / width / 5 % 3) switch
        {
            0 => range / 3,
            1 => ((i % width * range / width) + random.Next(3)) % range,
            _ => random.Next(4) == 0 ? random.Next(range) : range / 2,
        })];
    }
}
