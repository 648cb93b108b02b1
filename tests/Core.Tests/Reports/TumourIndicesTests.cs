using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Reports;

namespace TumorFunctions.Core.Tests.Reports;

/// <summary>Phantoms whose order is known: a round head with a round tumour in it, on air.</summary>
public sealed class TumourIndicesTests
{
    private const int Side = 128;
    private const double Brain = 80;

    private static readonly VoxelSpacing Millimetre = new(1, 1, 1);

    [Fact]
    public void Uniform_is_simpler_than_a_gradient_and_a_gradient_than_noise()
    {
        var uniform = Measure((x, y) => 150);
        var gradient = Measure((x, y) => 110 + (2 * (x - 56)));
        var noise = Measure(Noise(80));
        Assert.Equal(0, uniform.Heterogeneity.Value);
        Assert.Equal(0, uniform.TextureComplexity.Value);
        Assert.True(gradient.Heterogeneity.Value > 0.05);
        Assert.True(noise.Heterogeneity.Value > gradient.Heterogeneity.Value);
        Assert.True(gradient.TextureComplexity.Value > 0.1);
        Assert.True(noise.TextureComplexity.Value > gradient.TextureComplexity.Value);
    }

    [Fact]
    public void The_same_values_in_disorder_are_as_heterogeneous_but_more_complex()
    {
        var ordered = new double[Side * Side];
        var random = new Random(3);
        var columns = Enumerable.Range(0, Side).Select(x => 100.0 + x).ToArray();
        var order = Enumerable.Range(0, Side * Side).Where(i => IsTumour(i % Side, i / Side)).ToArray();
        foreach (var i in order)
        {
            ordered[i] = columns[i % Side];
        }

        var values = order.Select(i => ordered[i]).ToArray();
        random.Shuffle(values);
        var shuffled = new double[Side * Side];
        for (var i = 0; i < order.Length; i++)
        {
            shuffled[order[i]] = values[i];
        }

        var (calm, wild) = (Measure((x, y) => ordered[(y * Side) + x]), Measure((x, y) => shuffled[(y * Side) + x]));
        Assert.Equal(calm.Heterogeneity.Value!.Value, wild.Heterogeneity.Value!.Value, 9);
        Assert.True(wild.TextureComplexity.Value > 1.2 * calm.TextureComplexity.Value);
    }

    [Fact]
    public void More_spread_is_more_heterogeneous_and_more_complex()
    {
        TumourIndices? last = null;
        foreach (var amplitude in new[] { 5, 15, 30, 60, 100 })
        {
            var next = Measure(Noise(amplitude));
            Assert.True(last is null || next.Heterogeneity.Value > last.Heterogeneity.Value);
            Assert.True(last is null || next.TextureComplexity.Value > last.TextureComplexity.Value);
            Assert.InRange(next.Heterogeneity.Value!.Value, 0, 1);
            Assert.InRange(next.TextureComplexity.Value!.Value, 0, 1);
            last = next;
        }
    }

    [Fact]
    public void A_dark_tumour_does_not_enhance_a_bright_rim_does_and_a_bright_tumour_more()
    {
        var dark = Measure((x, y) => 50);
        var rim = Measure((x, y) => IsRim(x, y) ? 220 : 50);
        var brighterRim = Measure((x, y) => IsRim(x, y) ? 220 : 100);
        var solid = Measure((x, y) => 220);
        Assert.Equal(0, dark.Enhancement.Value);
        Assert.True(rim.Enhancement.Value > 0.1);
        Assert.True(brighterRim.Enhancement.Value > rim.Enhancement.Value);
        Assert.True(solid.Enhancement.Value > brighterRim.Enhancement.Value);

        // Brain has 81 in the middle, and the brightest is 255.
        Assert.Equal((220 - 81) / (255.0 - 81), solid.Enhancement.Value!.Value, 6);

        static bool IsRim(int x, int y) => Math.Pow(x - 64, 2) + Math.Pow(y - 64, 2) > 100;
    }

    [Fact]
    public void Another_scale_of_the_image_changes_nothing()
    {
        var random = new Random(8);
        var values = new double[Side * Side];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = 100 + random.Next(100);
        }

        var plain = Measure((x, y) => values[(y * Side) + x]);
        var scaled = Measure((x, y) => values[(y * Side) + x], scale: 16, offset: -1024);
        Assert.Equal(plain.Heterogeneity.Value!.Value, scaled.Heterogeneity.Value!.Value, 5);
        Assert.Equal(plain.TextureComplexity.Value!.Value, scaled.TextureComplexity.Value!.Value, 5);
        Assert.Equal(plain.Enhancement.Value!.Value, scaled.Enhancement.Value!.Value, 5);
    }

    [Fact]
    public void What_cannot_be_measured_is_null_with_a_reason()
    {
        var empty = TumourIndices.Measure(Head((x, y) => 100), Mask.Empty(Side, Side), Millimetre);
        Assert.All(
            new[] { empty.Heterogeneity, empty.TextureComplexity, empty.Enhancement },
            index => Assert.True(index is { Value: null, Reason.Length: > 0 }));

        var dot = Mask.Empty(Side, Side);
        dot.Voxels[(64 * Side) + 64] = 1;
        var lone = TumourIndices.Measure(Head((x, y) => 100), dot, Millimetre);
        Assert.True(lone.TextureComplexity is { Value: null, Reason.Length: > 0 });
        Assert.Equal(0, lone.Heterogeneity.Value);

        var flat = TumourIndices.Measure(Flat(7), Tumour(), Millimetre);
        Assert.Null(flat.Heterogeneity.Value);

        var holed = Head((x, y) => x == 64 && y == 64 ? double.NaN : 100);
        Assert.Null(TumourIndices.Measure(holed, Tumour(), Millimetre).Heterogeneity.Value);

        var all = new Mask([.. Enumerable.Repeat((byte)1, Side * Side)], Side, Side);
        Assert.True(TumourIndices.Measure(Head((x, y) => 100), all, Millimetre).Enhancement is { Value: null, Reason.Length: > 0 });
        Assert.Throws<ArgumentException>(() => TumourIndices.Measure(Head((x, y) => 100), Mask.Empty(3, 3), Millimetre));
    }

    [Fact]
    public void Histograms_count_every_voxel_of_the_tumour()
    {
        var histogram = IntensityHistogram.Count(Head((x, y) => 150), Tumour())!;
        Assert.Equal(100, histogram.Tumour.Sum(), 9);
        Assert.Equal(100, histogram.Rest.Sum(), 9);
        Assert.Equal(100, histogram.Tumour.Max(), 9);
        Assert.Null(IntensityHistogram.Count(Flat(3), Tumour()));
    }

    private static TumourIndices Measure(Func<int, int, double> tumour, double scale = 1, double offset = 0) =>
        TumourIndices.Measure(Head(tumour, scale, offset), Tumour(), Millimetre);

    private static Func<int, int, double> Noise(int amplitude)
    {
        var random = new Random(amplitude);
        return (x, y) => 130 + random.Next(-amplitude, amplitude + 1);
    }

    private static bool IsTumour(int x, int y) => Math.Pow(x - 64, 2) + Math.Pow(y - 64, 2) < 16 * 16;

    private static Mask Tumour() =>
        new([.. Enumerable.Range(0, Side * Side).Select(i => IsTumour(i % Side, i / Side) ? (byte)1 : (byte)0)], Side, Side);

    private static Volume Flat(float value) =>
        new([.. Enumerable.Repeat(value, Side * Side)], Side, Side, 1) { Format = ImageFormat.Png, BitsPerSample = 8 };

    private static Volume Head(Func<int, int, double> tumour, double scale = 1, double offset = 0)
    {
        var voxels = new float[Side * Side];
        for (var i = 0; i < voxels.Length; i++)
        {
            var (x, y) = (i % Side, i / Side);
            var inHead = Math.Pow(x - 64, 2) + Math.Pow(y - 64, 2) < 55 * 55;

            // A bright strip outside the brain, as scalp and vessels are.
            var rest = x > 122 ? 255 : inHead ? Brain + (i % 3) : 0;
            voxels[i] = (float)((scale * (IsTumour(x, y) ? tumour(x, y) : rest)) + offset);
        }

        return new Volume(voxels, Side, Side, 1) { Format = ImageFormat.Nifti, BitsPerSample = 16 };
    }
}
