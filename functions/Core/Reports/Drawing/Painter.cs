using SkiaSharp;
using TumorFunctions.Core.Reports.Fonts;

namespace TumorFunctions.Core.Reports.Drawing;

/// <summary>Brings items onto a canvas of Skia's: a page of a PDF, or a bitmap.</summary>
internal static class Painter
{
    public static void Paint(SKCanvas canvas, IEnumerable<DrawItem> items, SKTypeface typeface)
    {
        using var paint = new SKPaint { IsAntialias = true };
        using var images = new GreyImages();
        using var font = new SKFont(typeface) { Subpixel = true, LinearMetrics = true, Hinting = SKFontHinting.None };
        foreach (var item in items)
        {
            switch (item)
            {
                case TextItem text:
                    paint.Style = SKPaintStyle.Fill;
                    paint.Color = Colour(text.Colour);
                    font.Size = (float)text.Size;
                    canvas.DrawText(text.Text, (float)text.X, (float)text.Y, SKTextAlign.Left, font, paint);
                    break;
                case BoxItem box:
                    paint.Style = box.Filled ? SKPaintStyle.Fill : SKPaintStyle.Stroke;
                    paint.StrokeWidth = (float)box.LineWidth;
                    paint.Color = Colour(box.Colour);
                    canvas.DrawRect((float)box.X, (float)box.Y, (float)box.Width, (float)box.Height, paint);
                    break;
                case PathItem path:
                    Paint(canvas, path, paint);
                    break;
                case GreyItem grey:
                    Paint(canvas, grey, images.Of(grey));
                    break;
                default:
                    throw new ArgumentException($"{item.GetType().Name} cannot be painted.", nameof(items));
            }
        }
    }

    /// <summary>A figure of its own as PNG.</summary>
    /// <param name="scale">Pixels a point.</param>
    public static byte[] ToPng(FigureDrawing figure, double scale)
    {
        var info = new SKImageInfo((int)Math.Ceiling(figure.Width * scale), (int)Math.Ceiling(figure.Height * scale), SKColorType.Rgba8888);
        using var bitmap = new SKBitmap(info);
        using var canvas = new SKCanvas(bitmap);
        canvas.Clear(SKColors.White);
        canvas.Scale((float)scale);
        using var typeface = ReportFont.Default.Subset(figure.Items.OfType<TextItem>().Select(text => text.Text));
        Paint(canvas, figure.Items, typeface);
        canvas.Flush();
        using var image = SKImage.FromBitmap(bitmap);
        using var png = image.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    private static void Paint(SKCanvas canvas, PathItem item, SKPaint paint)
    {
        if (item.Points.Count == 0)
        {
            return;
        }

        using var builder = new SKPathBuilder();
        builder.MoveTo((float)item.Points[0].X, (float)item.Points[0].Y);
        foreach (var (x, y) in item.Points.Skip(1))
        {
            builder.LineTo((float)x, (float)y);
        }

        if (item.Closed)
        {
            builder.Close();
        }

        using var path = builder.Detach();
        paint.Color = Colour(item.Colour);
        if (item.FillOpacity > 0)
        {
            paint.Style = SKPaintStyle.Fill;
            paint.Color = paint.Color.WithAlpha((byte)(item.FillOpacity * byte.MaxValue));
            canvas.DrawPath(path, paint);
            paint.Color = Colour(item.Colour);
        }

        paint.Style = SKPaintStyle.Stroke;
        paint.StrokeWidth = (float)item.LineWidth;
        paint.StrokeJoin = SKStrokeJoin.Round;
        canvas.DrawPath(path, paint);
    }

    private static void Paint(SKCanvas canvas, GreyItem item, SKImage image)
    {
        var place = new SKRect(
            (float)item.X, (float)item.Y, (float)(item.X + item.Width), (float)(item.Y + item.Height));
        canvas.DrawImage(image, place, new SKSamplingOptions(SKFilterMode.Linear, SKMipmapMode.Linear));
    }

    private static SKColor Colour(uint rgb) => new(0xFF000000 | rgb);

    /// <summary>One image for the same pixels, so that a PDF holds them once.</summary>
    private sealed class GreyImages : IDisposable
    {
        private readonly Dictionary<byte[], SKImage> _images = new(ReferenceEqualityComparer.Instance);

        public SKImage Of(GreyItem item)
        {
            if (!_images.TryGetValue(item.Pixels, out var image))
            {
                var info = new SKImageInfo(item.PixelWidth, item.PixelHeight, SKColorType.Gray8, SKAlphaType.Opaque);
                _images[item.Pixels] = image = SKImage.FromPixelCopy(info, item.Pixels);
            }

            return image;
        }

        public void Dispose()
        {
            foreach (var image in _images.Values)
            {
                image.Dispose();
            }
        }
    }
}
