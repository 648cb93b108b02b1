using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Tests.Imaging;

public sealed class ImagePreviewTests
{
    [Theory]
    [InlineData(4, 3, 4, 3)]
    [InlineData(512, 512, 512, 512)]
    [InlineData(1024, 512, 512, 256)]
    [InlineData(700, 1000, 358, 512)]
    [InlineData(5000, 1, 512, 1)]
    public void The_picture_holds_the_means_of_equal_fields(int width, int height, int toWidth, int toHeight)
    {
        byte[] grey = new byte[width * height];
        new Random(9).NextBytes(grey);
        MemoryStream file = new();
        PngWriter.Write(file, grey, width, height);
        ImagePreview preview = ImagePreview.Read(file);
        Assert.Equal((width, height, 1), (preview.SourceWidth, preview.SourceHeight, preview.SourceDepth));

        MemoryStream png = new();
        preview.WritePng(png);
        Volume picture = ImageReader.Read(png);
        Assert.Equal((toWidth, toHeight), (picture.Width, picture.Height));
        double[] expected = Means(grey, width, height, toWidth, toHeight);
        for (int i = 0; i < expected.Length; i++)
            Assert.InRange(picture.Voxels[i], expected[i] - 0.5001, expected[i] + 0.5001);
    }

    [Fact]
    public void Sixteen_bits_are_windowed_to_what_there_is()
    {
        ushort[] values = [.. Enumerable.Range(0, 64 * 64).Select(i => (ushort)(20_000 + i))];
        MemoryStream file = new();
        PngWriter.Write16(file, values, 64, 64);
        MemoryStream png = new();
        ImagePreview.Read(file).WritePng(png);
        Volume picture = ImageReader.Read(png);
        Assert.Equal(0, picture.Voxels.Min());
        Assert.Equal(255, picture.Voxels.Max());
    }

    [Fact]
    public void A_file_that_ends_early_is_refused()
    {
        byte[] grey = new byte[300 * 300];
        new Random(3).NextBytes(grey);
        MemoryStream file = new();
        PngWriter.Write(file, grey, 300, 300);
        byte[] bytes = file.ToArray();
        foreach (int length in new[] { 0, 8, 40, bytes.Length / 2, bytes.Length - 20, bytes.Length - 1 })
            Assert.Throws<ImageFormatException>(() => ImagePreview.Read(new MemoryStream(bytes[..length])));
    }

    private static double[] Means(byte[] grey, int width, int height, int toWidth, int toHeight)
    {
        double[] sums = new double[toWidth * toHeight];
        int[] counts = new int[sums.Length];
        for (int i = 0; i < grey.Length; i++)
        {
            int field = ((i / width) * toHeight / height * toWidth) + ((i % width) * toWidth / width);
            sums[field] += grey[i];
            counts[field]++;
        }

        return [.. sums.Select((sum, field) => sum / counts[field])];
    }
}
