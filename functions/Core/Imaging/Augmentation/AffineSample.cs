using TumorFunctions.Core.Imaging.Filters;

namespace TumorFunctions.Core.Imaging.Augmentation;

/// <summary>
/// One way to move a picture: flipped first, then turned and enlarged about its centre, then shifted, all in pixels of the picture.
/// What comes from beyond its border is level 0.
/// </summary>
/// <param name="Angle">Degrees, clockwise as the picture is seen.</param>
/// <param name="ShiftX">To the right, as a share of the width.</param>
/// <param name="ShiftY">Downwards, as a share of the height.</param>
/// <param name="Factor">Enlargement, above 0.</param>
public sealed record AffineSample(
    double Angle, double ShiftX, double ShiftY, double Factor, bool FlipVertical, bool FlipHorizontal)
{
    /// <summary>The moved picture, sampled bilinearly.</summary>
    public GreyImage Apply(GreyImage image, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(image);
        Inverse inverse = new(this, image.Width, image.Height);
        ushort[] levels = new ushort[image.Levels.Length];
        RowBands.Run(image.Width, image.Height, (from, to) =>
        {
            for (int i = from * image.Width; i < to * image.Width; i++)
            {
                (double x, double y) = inverse.SourceOf(i % image.Width, i / image.Width);
                levels[i] = Bilinear(image, x, y);
            }
        }, cancellation);
        return image.With(levels);
    }

    /// <summary>The mask of one slice moved alongside, each pixel from the nearest.</summary>
    /// <exception cref="ArgumentException">The mask has more than one slice.</exception>
    public Mask Apply(Mask mask, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(mask);
        if (mask.Depth != 1)
            throw new ArgumentException($"A mask of one slice is moved, not of {mask.Depth}.", nameof(mask));

        Inverse inverse = new(this, mask.Width, mask.Height);
        byte[] voxels = new byte[mask.Voxels.Length];
        RowBands.Run(mask.Width, mask.Height, (from, to) =>
        {
            for (int i = from * mask.Width; i < to * mask.Width; i++)
            {
                (double sourceX, double sourceY) = inverse.SourceOf(i % mask.Width, i / mask.Width);
                (int x, int y) = ((int)Math.Floor(sourceX + 0.5), (int)Math.Floor(sourceY + 0.5));
                if (x >= 0 && x < mask.Width && y >= 0 && y < mask.Height)
                    voxels[i] = mask.Voxels[(y * mask.Width) + x];
            }
        }, cancellation);
        return new Mask(voxels, mask.Width, mask.Height);
    }

    private static ushort Bilinear(GreyImage image, double x, double y)
    {
        if (!(x > -1 && x < image.Width && y > -1 && y < image.Height))
            return 0;

        (int left, int top) = ((int)Math.Floor(x), (int)Math.Floor(y));
        (double across, double down) = (x - left, y - top);
        double upper = ((1 - across) * At(image, left, top)) + (across * At(image, left + 1, top));
        double lower = ((1 - across) * At(image, left, top + 1)) + (across * At(image, left + 1, top + 1));
        return (ushort)(((1 - down) * upper) + (down * lower) + 0.5);
    }

    private static int At(GreyImage image, int x, int y) =>
        (uint)x < (uint)image.Width && (uint)y < (uint)image.Height ? image.Levels[(y * image.Width) + x] : 0;

    /// <summary>Where a pixel of the result comes from.</summary>
    private readonly struct Inverse
    {
        private readonly (double X, double Y) _centre;
        private readonly (double X, double Y) _shift;
        private readonly (double X, double Y) _sign;
        private readonly double _cosine;
        private readonly double _sine;

        public Inverse(AffineSample sample, int width, int height)
        {
            _centre = ((width - 1) / 2.0, (height - 1) / 2.0);
            _shift = (sample.ShiftX * width, sample.ShiftY * height);
            _sign = (sample.FlipHorizontal ? -1 : 1, sample.FlipVertical ? -1 : 1);
            (double sine, double cosine) = Math.SinCos(sample.Angle * Math.PI / 180);
            (_cosine, _sine) = (cosine / sample.Factor, sine / sample.Factor);
        }

        public (double X, double Y) SourceOf(int x, int y)
        {
            (double dx, double dy) = (x - _centre.X - _shift.X, y - _centre.Y - _shift.Y);
            return (
                _centre.X + (_sign.X * ((_cosine * dx) + (_sine * dy))),
                _centre.Y + (_sign.Y * ((_cosine * dy) - (_sine * dx))));
        }
    }
}
