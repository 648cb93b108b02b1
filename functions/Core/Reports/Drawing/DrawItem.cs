namespace TumorFunctions.Core.Reports.Drawing;

/// <summary>Something on a page or in a figure; places in points from the top left, colours 0xRRGGBB.</summary>
internal abstract record DrawItem
{
    /// <summary>The same elsewhere.</summary>
    public abstract DrawItem Moved(double dx, double dy);
}

/// <param name="Y">Of the base line.</param>
internal sealed record TextItem(double X, double Y, double Size, uint Colour, string Text) : DrawItem
{
    public override DrawItem Moved(double dx, double dy) => this with { X = X + dx, Y = Y + dy };
}

internal sealed record BoxItem(double X, double Y, double Width, double Height, uint Colour, bool Filled, double LineWidth = 0.6) : DrawItem
{
    public override DrawItem Moved(double dx, double dy) => this with { X = X + dx, Y = Y + dy };
}

/// <summary>A line through points; <paramref name="FillOpacity"/> over 0 fills what it encloses, too.</summary>
internal sealed record PathItem(
    IReadOnlyList<(double X, double Y)> Points, uint Colour, double LineWidth, bool Closed = false, double FillOpacity = 0) : DrawItem
{
    public override DrawItem Moved(double dx, double dy) => this with { Points = [.. Points.Select(p => (p.X + dx, p.Y + dy))] };
}

/// <summary>Grey levels, stretched over a rectangle.</summary>
internal sealed record GreyItem(double X, double Y, double Width, double Height, byte[] Pixels, int PixelWidth, int PixelHeight) : DrawItem
{
    public override DrawItem Moved(double dx, double dy) => this with { X = X + dx, Y = Y + dy };
}
