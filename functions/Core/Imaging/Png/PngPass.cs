namespace TumorFunctions.Core.Imaging.Png;

/// <summary>A grid of pixels that is stored as one run of rows: the whole image, or one of the seven passes of Adam7.</summary>
internal readonly record struct PngPass(int X, int Y, int StepX, int StepY, int Width, int Height)
{
    // x and y of the first pixel, then their steps.
    private static readonly (int X, int Y, int StepX, int StepY)[] Adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <summary>The passes that hold pixels, in the order of the file.</summary>
    public static PngPass[] Of(PngHeader header) => header.Interlaced
        ? [.. Adam7.Select(p => Create(header, p.X, p.Y, p.StepX, p.StepY)).Where(p => p is { Width: > 0, Height: > 0 })]
        : [Create(header, 0, 0, 1, 1)];

    private static PngPass Create(PngHeader header, int x, int y, int stepX, int stepY) =>
        new(x, y, stepX, stepY, Count(header.Width, x, stepX), Count(header.Height, y, stepY));

    private static int Count(int size, int first, int step) => (size - first + step - 1) / step;
}
