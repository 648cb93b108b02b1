namespace TumorFunctions.Core.Imaging;

/// <summary>The eight orientations of TIFF and EXIF (tag 274): which sides of the picture row and column 0 show.</summary>
internal static class Orientation
{
    public const int Upright = 1;

    /// <summary>Whether the stored rows are the columns of the picture.</summary>
    public static bool SwapsAxes(int orientation) => orientation >= 5;

    /// <summary>Turns the stored image upright.</summary>
    /// <param name="stored">Rows as stored.</param>
    /// <param name="width">Stored width; the picture's on return.</param>
    /// <param name="height">Stored height; the picture's on return.</param>
    public static float[] Apply(float[] stored, ref int width, ref int height, int orientation)
    {
        (int storedWidth, int storedHeight) = (width, height);
        if (SwapsAxes(orientation))
            (width, height) = (height, width);

        float[] upright = new float[stored.Length];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                (int column, int row) = orientation switch
                {
                    2 => (storedWidth - 1 - x, y),
                    3 => (storedWidth - 1 - x, storedHeight - 1 - y),
                    4 => (x, storedHeight - 1 - y),
                    5 => (y, x),
                    6 => (y, storedHeight - 1 - x),
                    7 => (storedWidth - 1 - y, storedHeight - 1 - x),
                    8 => (storedWidth - 1 - y, x),
                    _ => (x, y),
                };
                upright[(y * width) + x] = stored[(row * storedWidth) + column];
            }
        }

        return upright;
    }
}
