using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Imaging.Filters;

namespace TumorFunctions.Core.Tests.Imaging.Filters;

public sealed class FilterTests
{
    public static TheoryData<string, int> Pictures()
    {
        TheoryData<string, int> data = [];
        foreach (string kind in new[] { "noise", "phantom", "flat", "extremes", "dark" })
        {
            data.Add(kind, 8);
            data.Add(kind, 16);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Pictures))]
    public void Normalisation_agrees_with_its_definition(string kind, int bits) => ForEachSize(kind, bits, image =>
    {
        FilterImages.AssertWithinOne(NaiveFilters.MinMax(image), Normalization.MinMax(image));
        FilterImages.AssertWithinOne(NaiveFilters.ZScore(image), Normalization.ZScore(image));
    });

    [Theory]
    [MemberData(nameof(Pictures))]
    public void Gaussian_agrees_with_its_definition(string kind, int bits) => ForEachSize(kind, bits, image =>
    {
        foreach (double sigma in new[] { 0.4, GaussianFilter.DefaultSigma, 2.7 })
            AssertNearlyAllEqual(NaiveFilters.Gaussian(image, sigma), GaussianFilter.Apply(image, sigma));
    });

    [Theory]
    [MemberData(nameof(Pictures))]
    public void Bilateral_agrees_with_its_definition(string kind, int bits) => ForEachSize(kind, bits, image =>
    {
        foreach ((double spatial, double range) in new[] { (BilateralFilter.DefaultSpatialSigma, BilateralFilter.DefaultRangeSigma), (1, 0.01), (1.3, 1) })
            AssertNearlyAllEqual(NaiveFilters.Bilateral(image, spatial, range), BilateralFilter.Apply(image, spatial, range));
    });

    [Theory]
    [MemberData(nameof(Pictures))]
    public void Median_is_exact(string kind, int bits) => ForEachSize(kind, bits, image =>
    {
        foreach (int radius in new[] { 1, 2, 3, 6 })
            Assert.Equal(NaiveFilters.Median(image, radius), MedianFilter.Apply(image, radius).Levels);
    });

    [Theory]
    [MemberData(nameof(Pictures))]
    public void Clahe_agrees_with_its_definition(string kind, int bits) => ForEachSize(kind, bits, image =>
    {
        foreach ((double limit, int tiles) in new[] { (Clahe.DefaultClipLimit, Clahe.DefaultTiles), (1.0, 3), (40.0, 1), (1000.0, 5) })
            AssertNearlyAllEqual(NaiveFilters.Clahe(image, limit, tiles, Clahe.MaxBins), Clahe.Apply(image, limit, tiles));
    });

    [Fact]
    public void A_real_slice_comes_out_as_defined()
    {
        GreyImage slice = FilterImages.RealSlice();
        FilterImages.AssertWithinOne(NaiveFilters.MinMax(slice), Normalization.MinMax(slice));
        FilterImages.AssertWithinOne(NaiveFilters.ZScore(slice), Normalization.ZScore(slice));
        AssertNearlyAllEqual(NaiveFilters.Gaussian(slice, GaussianFilter.DefaultSigma), GaussianFilter.Apply(slice));
        AssertNearlyAllEqual(
            NaiveFilters.Bilateral(slice, BilateralFilter.DefaultSpatialSigma, BilateralFilter.DefaultRangeSigma), BilateralFilter.Apply(slice));
        Assert.Equal(NaiveFilters.Median(slice, 2), MedianFilter.Apply(slice, 2).Levels);
        AssertNearlyAllEqual(
            NaiveFilters.Clahe(slice, Clahe.DefaultClipLimit, Clahe.DefaultTiles, Clahe.MaxBins), Clahe.Apply(slice));
    }

    [Fact]
    public void The_widest_median_is_exact()
    {
        foreach (int bits in new[] { 8, 16 })
        {
            GreyImage image = FilterImages.Create("noise", bits, 40, 12);
            Assert.Equal(NaiveFilters.Median(image, 100), MedianFilter.Apply(image, 100).Levels);
        }
    }

    [Fact]
    public void Sixteen_bits_are_filtered_in_all_their_levels()
    {
        // 12-bit data, as scanners give it: in 8 bits hardly any of its levels would be left.
        GreyImage image = FilterImages.Create("dark", 16, 200, 150);
        Assert.True(Distinct(GaussianFilter.Apply(image)) > 1000);
        Assert.True(Distinct(BilateralFilter.Apply(image)) > 1000);
        Assert.True(Distinct(MedianFilter.Apply(image)) > 1000);
        Assert.True(Distinct(Normalization.MinMax(image)) == Distinct(image));
        Assert.True(Distinct(Clahe.Apply(Normalization.MinMax(image))) > 1000);
    }

    [Fact]
    public void Bilateral_keeps_an_edge_that_gaussian_blurs()
    {
        ushort[] levels = [.. Enumerable.Range(0, 40 * 40).Select(i => (ushort)((i % 40 < 20 ? 1000 : 50_000) + (i % 7 * 100)))];
        GreyImage image = new(levels, 40, 40, 16);
        int At(GreyImage filtered) => filtered.Levels[(20 * 40) + 20] - filtered.Levels[(20 * 40) + 19];
        Assert.InRange(At(BilateralFilter.Apply(image)), 48_000, 50_000);
        Assert.InRange(At(GaussianFilter.Apply(image)), 10_000, 30_000);
    }

    [Fact]
    public void Clahe_raises_local_contrast_no_more_than_its_limit_allows()
    {
        GreyImage image = FilterImages.Create("phantom", 16, 200, 150);
        double Contrast(GreyImage picture) => Deviation(picture, 60, 60, 40);
        double none = Contrast(Clahe.Apply(image, 1)), some = Contrast(Clahe.Apply(image, 2)), all = Contrast(Clahe.Apply(image, 1000));
        Assert.True(Contrast(image) < some && some < all, $"{Contrast(image)}, {none}, {some}, {all}");
        Assert.Equal(FilterImages.Create("flat", 8, 30, 30).Levels, Clahe.Apply(FilterImages.Create("flat", 8, 30, 30)).Levels);
    }

    [Fact]
    public void Parameters_out_of_bounds_are_refused()
    {
        GreyImage image = FilterImages.Create("noise", 8, 8, 8);
        Assert.Throws<ArgumentOutOfRangeException>(() => GaussianFilter.Apply(image, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => GaussianFilter.Apply(image, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => BilateralFilter.Apply(image, spatialSigma: 11));
        Assert.Throws<ArgumentOutOfRangeException>(() => BilateralFilter.Apply(image, rangeSigma: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => MedianFilter.Apply(image, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Clahe.Apply(image, 0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => Clahe.Apply(image, tiles: 0));
        Assert.Throws<ArgumentException>(() => new GreyImage([256], 1, 1, 8));
        Assert.Throws<ArgumentException>(() => new GreyImage([1, 2], 1, 1, 16));
    }

    [Fact]
    public void A_cancelled_filter_stops()
    {
        GreyImage image = FilterImages.Create("noise", 8, 64, 64);
        CancellationToken cancelled = new(canceled: true);
        Assert.ThrowsAny<OperationCanceledException>(() => BilateralFilter.Apply(image, cancellation: cancelled));
        Assert.ThrowsAny<OperationCanceledException>(() => Clahe.Apply(image, cancellation: cancelled));
    }

    [Theory]
    [InlineData(ImageFormat.Png, 8, new float[] { 0, 12, 255 }, 8, 0, 1, new[] { 0, 12, 255 })]
    [InlineData(ImageFormat.Jpeg, 8, new float[] { 0.4f, 12.6f, 254.9f }, 8, 0, 1, new[] { 0, 13, 255 })]
    [InlineData(ImageFormat.Png, 16, new float[] { 7, 300, 65_535 }, 16, 0, 1, new[] { 7, 300, 65_535 })]
    [InlineData(ImageFormat.Png, 16, new float[] { 7.25f, 300.5f, 65_535 }, 16, 0, 1, new[] { 7, 301, 65_535 })]
    [InlineData(ImageFormat.Dicom, 16, new float[] { -1024, 0, 3071 }, 16, -1024, 1, new[] { 0, 1024, 4095 })]
    [InlineData(ImageFormat.Dicom, 16, new float[] { float.NaN, 5, float.PositiveInfinity }, 16, 0, 1, new[] { 0, 5, 65_535 })]
    [InlineData(ImageFormat.Nifti, 32, new float[] { -0.5f, 0, 0.5f }, 16, -0.5, 1.0 / 65_535, new[] { 0, 32_768, 65_535 })]
    [InlineData(ImageFormat.Tiff, 32, new float[] { 0, 0, 200_000 }, 16, 0, 200_000 / 65_535.0, new[] { 0, 0, 65_535 })]
    public void A_slice_keeps_its_levels_where_it_can(
        ImageFormat format, int storedBits, float[] values, int bits, double offset, double step, int[] levels)
    {
        Volume volume = new(values, 3, 1, 1) { Format = format, BitsPerSample = storedBits };
        GreyImage image = GreyImage.FromSlice(volume, 0);
        Assert.Equal(bits, image.Bits);
        Assert.Equal(offset, image.Offset);
        Assert.Equal(step, image.Step, 12);
        Assert.Equal(levels, image.Levels.Select(level => (int)level));
    }

    [Fact]
    public void The_volume_s_values_can_be_told_from_normalised_levels()
    {
        Volume volume = new([-1024, -24, 976, 2976], 2, 2, 1) { Format = ImageFormat.Dicom, BitsPerSample = 16 };
        foreach (GreyImage image in new[] { Normalization.MinMax(GreyImage.FromSlice(volume, 0)), Normalization.ZScore(GreyImage.FromSlice(volume, 0)) })
            Assert.All(Enumerable.Range(0, 4), i => Assert.Equal(volume.Voxels[i], image.Offset + (image.Levels[i] * image.Step), 0.1));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    public void A_written_picture_reads_back(int bits)
    {
        GreyImage image = FilterImages.Create("phantom", bits, 61, 33);
        MemoryStream png = new();
        image.WritePng(png);
        Volume volume = ImageReader.Read(png);
        Assert.Equal(bits, volume.BitsPerSample);
        Assert.Equal(image.Levels, GreyImage.FromSlice(volume, 0).Levels);
    }

    private static void ForEachSize(string kind, int bits, Action<GreyImage> check)
    {
        foreach ((int width, int height) in FilterImages.Sizes)
            check(FilterImages.Create(kind, bits, width, height, seed: width));
    }

    // Half a level apart from a rounding edge the two sides may fall differently; everywhere else they may not.
    private static void AssertNearlyAllEqual(ushort[] expected, GreyImage actual) =>
        Assert.InRange(FilterImages.AssertWithinOne(expected, actual), 0.9, 1);

    private static int Distinct(GreyImage image) => image.Levels.Distinct().Count();

    private static double Deviation(GreyImage image, int left, int top, int side)
    {
        double[] values = [.. Enumerable.Range(0, side * side)
            .Select(i => (double)image.Levels[((top + (i / side)) * image.Width) + left + (i % side)])];
        double mean = values.Average();
        return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
    }
}
