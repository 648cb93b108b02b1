using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Tests.Imaging;

public sealed class PngWriterTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 3)]
    [InlineData(40, 17)]
    [InlineData(129, 65)]
    [InlineData(513, 300)]
    public void What_is_written_reads_back(int width, int height)
    {
        byte[] samples = Scene(width, height, channels: 1);
        MemoryStream file = new();
        PngWriter.Write(file, samples, width, height);
        Volume volume = ImageReader.Read(file);
        Assert.Equal((width, height, 8), (volume.Width, volume.Height, volume.BitsPerSample));
        Assert.Equal(samples.Select(s => (float)s), volume.Voxels);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Channels_read_back_as_grey(int channels)
    {
        byte[] samples = Scene(37, 21, channels);
        MemoryStream file = new();
        PngWriter.Write(file, samples, 37, 21, channels);
        int[] widened = [.. samples.Select(s => (int)s)];
        int colour = channels == 2 ? PngBuilder.GreyAlpha : channels == 3 ? PngBuilder.Rgb : PngBuilder.Rgba;
        PngBuilder same = new() { Width = 37, Height = 21, Colour = colour, Samples = widened };
        Assert.Equal(same.ExpectedGrey(), ImageReader.Read(file).Voxels);
    }

    [Fact]
    public void Sixteen_bits_read_back()
    {
        Random random = new(2);
        ushort[] samples = [.. Enumerable.Range(0, 61 * 33).Select(i => (ushort)((i * 31) + random.Next(900)))];
        MemoryStream file = new();
        PngWriter.Write16(file, samples, 61, 33);
        Volume volume = ImageReader.Read(file);
        Assert.Equal(16, volume.BitsPerSample);
        Assert.Equal(samples.Select(s => (float)s), volume.Voxels);
    }

    [Fact]
    public void Spacing_is_kept()
    {
        MemoryStream file = new();
        PngWriter.Write(file, new byte[6], 3, 2, spacing: new VoxelSpacing(0.5, 0.8, 3));
        VoxelSpacing spacing = ImageReader.Read(file).Spacing!.Value;
        Assert.Equal(0.5, spacing.X, 3);
        Assert.Equal(0.8, spacing.Y, 3);
    }

    [Fact]
    public void A_flat_mask_stays_small()
    {
        byte[] mask = new byte[512 * 512];
        for (int y = 200; y < 300; y++)
            mask.AsSpan((y * 512) + 180 + (y % 13), 90).Fill(255);
        MemoryStream file = new();
        PngWriter.Write(file, mask, 512, 512);
        Assert.True(file.Length < 4096, $"{file.Length} bytes");
    }

    [Fact]
    public void Wrong_sizes_are_refused()
    {
        Assert.Throws<ArgumentException>(() => PngWriter.Write(new MemoryStream(), new byte[5], 2, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => PngWriter.Write(new MemoryStream(), [], 0, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => PngWriter.Write(new MemoryStream(), new byte[30], 2, 3, channels: 5));
    }

    // Flat areas, ramps and noise, so that every filter wins somewhere.
    private static byte[] Scene(int width, int height, int channels)
    {
        Random random = new(width + height);
        byte[] samples = new byte[width * height * channels];
        for (int i = 0; i < samples.Length; i++)
        {
            int x = i / channels % width;
            int y = i / channels / width;
            samples[i] = (byte)((y % 8) switch
            {
                < 2 => 200,
                < 4 => (3 * x) + i,
                < 6 => (x * y / 4) + random.Next(4),
                _ => random.Next(256),
            });
        }

        return samples;
    }
}
