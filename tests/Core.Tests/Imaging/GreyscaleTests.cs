using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Tests.Imaging;

public sealed class GreyscaleTests
{
    [Theory]
    [InlineData(40, 400)]
    [InlineData(128, 256)]
    [InlineData(0.25, 1)]
    [InlineData(1000.5, 2)]
    [InlineData(-3.5, 17.25)]
    public void Apply_follows_the_formula_of_the_standard(double center, double width)
    {
        Random random = new(1);
        float[] values = [.. Enumerable.Range(0, 1003).Select(i => (float)(center + ((random.NextDouble() - 0.5) * 2 * width)))];
        values[3] = float.NaN;
        values[4] = float.PositiveInfinity;
        values[5] = float.NegativeInfinity;
        values[1002] = float.NaN;
        byte[] grey = new byte[values.Length];
        Greyscale.Apply(values, new DisplayWindow(center, width), grey);
        for (int i = 0; i < values.Length; i++)
            Assert.InRange(grey[i] - Standard(values[i], center, width), -0.502, 0.502);
    }

    [Fact]
    public void Identity_keeps_every_level()
    {
        float[] levels = [.. Enumerable.Range(0, 256).Select(i => (float)i)];
        byte[] grey = new byte[256];
        Greyscale.Apply(levels, Greyscale.Identity, grey);
        Assert.Equal(levels.Select(l => (byte)l), grey);
    }

    [Fact]
    public void Impossible_windows_and_lengths_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Greyscale.Apply([1], new DisplayWindow(1, 0.5), new byte[1]));
        Assert.Throws<ArgumentException>(() => Greyscale.Apply([1], new DisplayWindow(1, double.NaN), new byte[1]));
        Assert.Throws<ArgumentException>(() => Greyscale.Apply([1, 2], Greyscale.Identity, new byte[1]));
    }

    [Fact]
    public void The_files_window_comes_first_then_the_identity_then_percentiles()
    {
        float[] voxels = [.. Enumerable.Range(0, 1001).Select(i => (float)i - 500)];
        voxels[500] = 1e30f;
        voxels[501] = float.NaN;
        Assert.Equal(new DisplayWindow(40, 80), Greyscale.ChooseWindow(Create(voxels, 16, ImageFormat.Dicom, new DisplayWindow(40, 80))));
        Assert.Equal(Greyscale.Identity, Greyscale.ChooseWindow(Create(voxels, 8, ImageFormat.Png, null)));
        DisplayWindow window = Greyscale.ChooseWindow(Create(voxels, 16, ImageFormat.Png, null));

        // 1000 finite values in order without the one at 500: ranks 5 and 994.
        float[] sorted = [.. voxels.Where(float.IsFinite).Order()];
        byte[] grey = new byte[4];
        Greyscale.Apply([sorted[5], sorted[6], sorted[993], sorted[994]], window, grey);
        Assert.Equal((byte)0, grey[0]);
        Assert.Equal((byte)255, grey[3]);
        Assert.InRange(window.Width - 1, sorted[994] - sorted[5] - 1e-3, sorted[994] - sorted[5] + 1e-3);
    }

    [Fact]
    public void A_flat_volume_and_one_without_finite_values_have_a_window()
    {
        Assert.Equal(1, Greyscale.ChooseWindow(Create([5, 5, 5], 16, ImageFormat.Nifti, null)).Width);
        Assert.Equal(1, Greyscale.ChooseWindow(Create([float.NaN, float.NaN], 16, ImageFormat.Nifti, null)).Width);
    }

    [Fact]
    public void A_sparse_mask_uses_its_whole_range()
    {
        float[] voxels = new float[10_000];
        voxels[17] = 1;
        Assert.Equal(Greyscale.FromRange(0, 1), Greyscale.ChooseWindow(Create(voxels, 1, ImageFormat.Dicom, null)));
    }

    private static Volume Create(float[] voxels, int bits, ImageFormat format, DisplayWindow? window) =>
        new(voxels, voxels.Length, 1, 1) { BitsPerSample = bits, Format = format, Window = window };

    // PS3.3 C.11.2.1.2.1, word for word.
    private static double Standard(float x, double c, double w)
    {
        if (float.IsNaN(x) || x <= c - 0.5 - ((w - 1) / 2))
            return 0;
        return x > c - 0.5 + ((w - 1) / 2) ? 255 : (((x - (c - 0.5)) / (w - 1)) + 0.5) * 255;
    }

    [Theory]
    [InlineData(1 << 20)]
    [InlineData((1 << 21) + 12345)]
    public void The_window_of_a_large_volume_is_that_of_its_sorted_values(int count)
    {
        Random random = new(count);
        float[] values = [.. Enumerable.Range(0, count).Select(i => i % 1000 == 0 ? float.NaN : (float)((random.NextDouble() - 0.3) * 4000))];
        float[] sorted = [.. values.Where(float.IsFinite).Order()];
        Volume volume = new(values, count, 1, 1) { Format = ImageFormat.Nifti, BitsPerSample = 32 };
        DisplayWindow expected = Greyscale.FromRange(
            sorted[(int)Math.Round(0.005 * (sorted.Length - 1))], sorted[(int)Math.Round(0.995 * (sorted.Length - 1))]);
        Assert.Equal(expected, Greyscale.ChooseWindow(volume));
    }
}
