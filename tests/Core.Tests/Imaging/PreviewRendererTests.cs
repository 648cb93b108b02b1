using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Tests.Imaging;

public sealed class PreviewRendererTests
{
    [Fact]
    public void The_middle_slice_is_written_as_it_is_when_it_fits()
    {
        float[] voxels = [.. Enumerable.Range(0, 3 * 4 * 5).Select(i => (float)i)];
        Volume preview = Preview(new Volume(voxels, 4, 3, 5) { Format = ImageFormat.Tiff, BitsPerSample = 8 });
        Assert.Equal((4, 3), (preview.Width, preview.Height));
        Assert.Equal(voxels[24..36], preview.Voxels);
    }

    [Theory]
    [InlineData(1024, 512, 512, 256)]
    [InlineData(700, 1000, 358, 512)]
    [InlineData(5000, 1, 512, 1)]
    public void A_large_slice_is_averaged_down(int width, int height, int toWidth, int toHeight)
    {
        Random random = new(9);
        float[] voxels = [.. Enumerable.Range(0, width * height).Select(_ => (float)random.Next(256))];
        Volume preview = Preview(new Volume(voxels, width, height, 1) { Format = ImageFormat.Png, BitsPerSample = 8 });
        Assert.Equal((toWidth, toHeight), (preview.Width, preview.Height));
        for (int n = 0; n < 50; n++)
        {
            int x = random.Next(toWidth);
            int y = random.Next(toHeight);
            Assert.InRange(
                preview.Voxels[(y * toWidth) + x] - Average(voxels, width, height, x, y, toWidth, toHeight), -0.51, 0.51);
        }
    }

    private static Volume Preview(Volume volume)
    {
        MemoryStream png = new();
        PreviewRenderer.WritePng(volume, png);
        return ImageReader.Read(png);
    }

    // The mean over the pixel's footprint, overlap by overlap.
    private static double Average(float[] voxels, int width, int height, int x, int y, int toWidth, int toHeight)
    {
        double sum = 0;
        double stepX = (double)width / toWidth;
        double stepY = (double)height / toHeight;
        for (int j = 0; j < height; j++)
        {
            double overlapY = Math.Max(0, Math.Min(j + 1, (y + 1) * stepY) - Math.Max(j, y * stepY));
            if (overlapY == 0)
                continue;
            for (int i = 0; i < width; i++)
                sum += overlapY * Math.Max(0, Math.Min(i + 1, (x + 1) * stepX) - Math.Max(i, x * stepX)) * voxels[(j * width) + i];
        }

        return sum / (stepX * stepY);
    }
}
