using System.Globalization;
using TumorFunctions.Core.Reports.Fonts;

namespace TumorFunctions.Core.Reports.Drawing;

/// <summary>A figure set in a column, without its caption.</summary>
internal sealed record FigureDrawing(double Width, double Height, IReadOnlyList<DrawItem> Items)
{
    private const uint Ink = 0x1F2933;
    private const uint Soft = 0x6B7785;
    private const uint Rule = 0xD5DBE1;
    private const uint Accent = 0xC2410C;
    private const uint Rest = 0x0F5E7D;
    private const uint Bright = 0xFFD24A;
    private const double ChartHeight = 118;
    private const double MaxSliceHeight = 250;
    private const double LetterSize = 10;
    private const double LabelSize = 7;

    public static FigureDrawing Of(ReportFigure figure, double column) => figure switch
    {
        SliceFigure slice => Of(slice, column),
        ChartFigure chart => Of(chart, column),
        _ => throw new ArgumentException($"{figure.GetType().Name} cannot be drawn.", nameof(figure)),
    };

    private static FigureDrawing Of(SliceFigure slice, double column)
    {
        var aspect = slice.Height * slice.PixelAspect / slice.Width;
        var (width, height) = column * aspect <= MaxSliceHeight ? (column, column * aspect) : (MaxSliceHeight / aspect, MaxSliceHeight);
        var left = (column - width) / 2;
        var (sx, sy) = (width / slice.Width, height / slice.Height);
        List<DrawItem> items =
        [
            new BoxItem(0, 0, column, height, 0x000000, Filled: true),
            new GreyItem(left, 0, width, height, slice.Pixels, slice.Width, slice.Height),
        ];
        if (slice.Box is [var x0, var y0, var x1, var y1])
        {
            items.Add(new BoxItem(left + (x0 * sx), y0 * sy, (x1 - x0) * sx, (y1 - y0) * sy, 0x4CC9F0, Filled: false, 0.7));
        }

        if (slice.Mask is { } mask)
        {
            items.AddRange(MaskOutline.Trace(mask, slice.Width, slice.Height).Select(loop => new PathItem(
                [.. loop.Select(point => (left + (point.X * sx), point.Y * sy))], Bright, 1, Closed: true)));
        }

        if (slice.Sides is [var west, var east, var north, var south])
        {
            items.Add(Centred(west, 8, height / 2));
            items.Add(Centred(east, column - 8, height / 2));
            items.Add(Centred(north, column / 2, LetterSize));
            items.Add(Centred(south, column / 2, height - LetterSize + 3));
        }

        return new FigureDrawing(column, height, items);

        static TextItem Centred(string letter, double x, double y) =>
            new(x - (LetterSize * ReportFont.Default.WidthOf(letter) / 2), y + (LetterSize / 3), LetterSize, 0xFFFFFF, letter);
    }

    private static FigureDrawing Of(ChartFigure chart, double column)
    {
        const double left = 34, right = 8, top = 16, bottom = 26;
        var plot = (Width: column - left - right, Height: ChartHeight - top - bottom);
        var floor = ChartHeight - bottom;
        var highest = NiceCeiling(chart.Series.SelectMany(series => series.Values).DefaultIfEmpty(0).Max());
        List<DrawItem> items = [];
        for (var i = 0; i <= 4; i++)
        {
            var y = floor - (plot.Height * i / 4);
            items.Add(new PathItem([(left, y), (left + plot.Width, y)], i == 0 ? Soft : Rule, i == 0 ? 0.7 : 0.4));
            items.Add(Right(Short(highest * i / 4), left - 3, y + 2.4));
        }

        for (var i = 0; i <= 4; i++)
        {
            var text = Short(chart.Range.From + ((chart.Range.To - chart.Range.From) * i / 4));
            items.Add(Centre(text, left + (plot.Width * i / 4), floor + 9));
        }

        var legend = left;
        foreach (var series in chart.Series)
        {
            var colour = series.IsAccent ? Accent : Rest;
            Add(items, series, colour, value => floor - (plot.Height * value / highest), left, plot.Width, floor);
            items.Add(new BoxItem(legend, 4, 8, 4, colour, Filled: true));
            items.Add(Label(series.Name, legend + 11, 8.6, Ink));
            legend += 22 + WidthOf(series.Name);
        }

        items.Add(Right(chart.YLabel, column - right, 8.6));
        items.Add(Centre(chart.XLabel, left + (plot.Width / 2), floor + 20));
        return new FigureDrawing(column, ChartHeight, [.. items]);
    }

    private static void Add(
        List<DrawItem> items, ChartSeries series, uint colour, Func<double, double> place, double left, double width, double floor)
    {
        var count = series.Values.Count;
        if (count == 0)
        {
            return;
        }

        List<(double X, double Y)> points =
            [.. series.Values.Select((value, i) => (left + (count == 1 ? width / 2 : width * i / (count - 1)), place(value)))];
        items.Add(new PathItem([(points[0].X, floor), .. points, (points[^1].X, floor)], colour, 0, Closed: true, FillOpacity: 0.16));
        items.Add(new PathItem(points, colour, 1));
    }

    /// <summary>The next of 1, 2, 4, 5 and 8 times a power of ten.</summary>
    private static double NiceCeiling(double value)
    {
        if (!(value > 0))
        {
            return 1;
        }

        var power = Math.Pow(10, Math.Floor(Math.Log10(value)));
        foreach (var step in (ReadOnlySpan<double>)[1, 2, 4, 5, 8])
        {
            if (value <= step * power * (1 + 1e-9))
            {
                return step * power;
            }
        }

        return 10 * power;
    }

    private static string Short(double value) => value.ToString(
        Math.Abs(value) is >= 1e6 or (> 0 and < 1e-3) ? "0.#e0" : Math.Abs(value) >= 100 ? "0" : "0.##", CultureInfo.InvariantCulture);

    private static double WidthOf(string text) => LabelSize * ReportFont.Default.WidthOf(ReportFont.Default.Showable(text));

    private static TextItem Label(string text, double x, double y, uint colour = Soft) =>
        new(x, y, LabelSize, colour, ReportFont.Default.Showable(text));

    private static TextItem Centre(string text, double x, double y) => Label(text, x - (WidthOf(text) / 2), y);

    private static TextItem Right(string text, double x, double y) => Label(text, x - WidthOf(text), y);
}
