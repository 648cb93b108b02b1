using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Imaging.Augmentation;
using TumorFunctions.Core.Imaging.Filters;
using TumorFunctions.Core.Tests.Imaging.Filters;

namespace TumorFunctions.Core.Tests.Imaging;

public sealed class AugmentationTests
{
    private static readonly AugmentationRanges Wide = new(Degrees: 40, Translate: 0.2, Scale: 0.3, FlipVertical: false, FlipHorizontal: true);

    [Fact]
    public void Samples_agree_with_the_definition()
    {
        foreach (int bits in new[] { 8, 16 })
        {
            GreyImage image = FilterImages.Create("phantom", bits, 131, 77);
            for (int number = 0; number < 6; number++)
            {
                AffineSample sample = Wide.Draw(11, number);
                FilterImages.AssertWithinOne(Naive(image, sample), sample.Apply(image));
            }
        }
    }

    [Fact]
    public void The_mask_moves_with_its_picture()
    {
        Mask mask = Mask.Empty(120, 90);
        for (int i = 0; i < mask.Voxels.Length; i++)
            mask.Voxels[i] = (byte)(Math.Pow((i % 120) - 70, 2) + Math.Pow((i / 120) - 40, 2) < 300 ? 1 : 0);
        GreyImage image = new([.. mask.Voxels.Select(inside => (ushort)(inside * 60_000))], 120, 90, 16);
        for (int number = 0; number < 10; number++)
        {
            AffineSample sample = Wide.Draw(5, number);
            byte[] moved = sample.Apply(mask).Voxels;
            ushort[] picture = sample.Apply(image).Levels;
            // Nearest and bilinear part ways only at the outline.
            Assert.All(Enumerable.Range(0, moved.Length), i => Assert.True(picture[i] is not (0 or 60_000) || picture[i] / 60_000 == moved[i]));
            Assert.Contains((byte)1, moved);
        }
    }

    [Fact]
    public void Flips_alone_are_exact_and_undo_themselves()
    {
        GreyImage image = FilterImages.Create("noise", 16, 33, 20);
        GreyImage flipped = new AugmentationRanges(0, 0, 0, FlipVertical: true, FlipHorizontal: true).Draw(3, 0).Apply(image);
        Assert.Equal(image.Levels.Reverse(), flipped.Levels);
        AffineSample across = new AugmentationRanges(0, 0, 0, FlipVertical: false, FlipHorizontal: true).Draw(3, 0);
        Assert.Equal(image.Levels[..33].Reverse(), across.Apply(image).Levels[..33]);
        Assert.Equal(image.Levels, across.Apply(across.Apply(image)).Levels);
        Assert.Equal(image.Levels, new AugmentationRanges(0, 0, 0, false, false).Draw(3, 0).Apply(image).Levels);
    }

    [Theory]
    [InlineData(90, 4, 1)]
    [InlineData(-90, 0, 3)]
    [InlineData(180, 1, 0)]
    public void A_positive_angle_turns_clockwise(double angle, int x, int y)
    {
        ushort[] levels = new ushort[25];
        levels[(0 * 5) + 1] = 1000;
        GreyImage image = new(levels, 5, 5, 16);
        GreyImage turned = new AffineSample(angle, 0, 0, 1, false, false).Apply(image);
        Assert.Equal(1000, turned.Levels[(angle == 180 ? 4 : y) * 5 + (angle == 180 ? 3 : x)]);
    }

    [Fact]
    public void Shift_and_factor_have_the_size_that_they_say()
    {
        ushort[] levels = new ushort[400];
        levels[(10 * 20) + 10] = 1000;
        GreyImage image = new(levels, 20, 20, 16);
        Assert.Equal(1000, new AffineSample(0, 0.2, -0.1, 1, false, false).Apply(image).Levels[(8 * 20) + 14]);
        Mask mask = Mask.Empty(40, 40);
        for (int y = 15; y < 25; y++)
            mask.Voxels.AsSpan((y * 40) + 15, 10).Fill(1);
        Assert.Equal(400, new AffineSample(0, 0, 0, 2, false, false).Apply(mask).Voxels.Count(inside => inside == 1));
    }

    [Fact]
    public void The_same_seed_draws_the_same_and_numbers_and_seeds_differ()
    {
        AffineSample[] Draw(long seed) => [.. Enumerable.Range(0, 50).Select(number => Wide.Draw(seed, number))];
        Assert.Equal(Draw(7), Draw(7));
        Assert.Equal(100, Draw(7).Concat(Draw(8)).Distinct().Count());
        // Written down, since samples must come out the same with the next version too.
        AffineSample first = new AugmentationRanges(15, 0.1, 0.1, true, true).Draw(42, 0);
        Assert.Equal(GoldenAngle, first.Angle, 12);
        Assert.Equal(GoldenFactor, first.Factor, 12);
    }

    [Fact]
    public void Draws_stay_in_their_ranges_and_fill_them()
    {
        AffineSample[] samples = [.. Enumerable.Range(0, 2000).Select(number => Wide.Draw(1, number))];
        Assert.All(samples, s => Assert.True(
            Math.Abs(s.Angle) <= 40 && Math.Abs(s.ShiftX) <= 0.2 && Math.Abs(s.ShiftY) <= 0.2 && s.Factor is >= 0.7 and <= 1.3));
        Assert.InRange(samples.Average(s => s.Angle), -2, 2);
        Assert.InRange(samples.Max(s => s.Angle) - samples.Min(s => s.Angle), 79, 80);
        Assert.All(Enumerable.Range(0, 2000), n => Assert.True(new AugmentationRanges(0, 0, 1, false, false).Draw(2, n).Factor >= 0.1));
    }

    [Theory]
    [InlineData(181, 0, 0)]
    [InlineData(-1, 0, 0)]
    [InlineData(0, 1.1, 0)]
    [InlineData(0, 0, double.NaN)]
    public void Ranges_out_of_bounds_are_refused(double degrees, double translate, double scale) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new AugmentationRanges(degrees, translate, scale, false, false).Draw(1, 0));

    private const double GoldenAngle = -4.7012423370397975;
    private const double GoldenFactor = 0.91347157864066719;

    private static ushort[] Naive(GreyImage image, AffineSample sample)
    {
        double angle = sample.Angle * Math.PI / 180, cx = (image.Width - 1) / 2.0, cy = (image.Height - 1) / 2.0;
        return [.. Enumerable.Range(0, image.Levels.Length).Select(i =>
        {
            double x = (i % image.Width) - cx - (sample.ShiftX * image.Width), y = (i / image.Width) - cy - (sample.ShiftY * image.Height);
            double u = ((x * Math.Cos(angle)) + (y * Math.Sin(angle))) / sample.Factor;
            double v = ((y * Math.Cos(angle)) - (x * Math.Sin(angle))) / sample.Factor;
            u = cx + (sample.FlipHorizontal ? -u : u);
            v = cy + (sample.FlipVertical ? -v : v);
            double sum = 0;
            for (int row = 0; row < image.Height; row++)
            {
                double down = Math.Max(0, 1 - Math.Abs(row - v));
                for (int column = 0; down > 0 && column < image.Width; column++)
                    sum += down * Math.Max(0, 1 - Math.Abs(column - u)) * image.Levels[(row * image.Width) + column];
            }

            return (ushort)Math.Floor(sum + 0.5);
        })];
    }
}
