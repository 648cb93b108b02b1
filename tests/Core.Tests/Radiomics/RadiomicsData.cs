using System.Globalization;
using TumorFunctions.Core.Imaging;

namespace TumorFunctions.Core.Tests.Radiomics;

/// <summary>Regions to compute features of: made up, or from the data beside the tests.</summary>
internal static class RadiomicsData
{
    /// <summary>
    /// A voxel grid as text: columns apart by blanks, rows by lines, slices by empty lines; # starts a comment.
    /// </summary>
    public static (Volume Volume, Mask Mask) ReadGrid(string resource, Func<string, (float Value, bool Inside)> parse)
    {
        var slices = string.Join('\n', Lines(resource)).Trim('\n').Split("\n\n");
        var rows = slices.Select(s => s.Split('\n').Select(r => r.Split(' ')).ToArray()).ToArray();
        var (width, height) = (rows[0][0].Length, rows[0].Length);
        var voxels = rows.SelectMany(s => s).SelectMany(r => r).Select(parse).ToArray();
        return (
            ToVolume([.. voxels.Select(v => v.Value)], width, height, slices.Length),
            new Mask([.. voxels.Select(v => (byte)(v.Inside ? 1 : 0))], width, height, slices.Length));
    }

    public static string[][] ReadTable(string resource) =>
        [.. Lines(resource).Where(l => l.Length > 0).Skip(1).Select(l => l.Split(','))];

    public static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    public static Volume ToVolume(float[] values, int width, int height, int depth) =>
        new(values, width, height, depth) { Format = ImageFormat.Unknown, BitsPerSample = 16 };

    /// <summary>
    /// A smooth image with noise, and a ragged blob in it with holes and, for high <paramref name="holes"/>, isolated voxels.
    /// </summary>
    public static (Volume Volume, Mask Mask) Random(
        int seed, int width, int height, int depth, double amplitude = 200, double holes = 0.1)
    {
        var random = new Random(seed);
        var values = new float[width * height * depth];
        var mask = new byte[values.Length];
        var i = 0;
        for (var z = 0; z < depth; z++)
        {
            for (var y = 0; y < height; y++)
            {
                for (var x = 0; x < width; x++, i++)
                {
                    var smooth = Math.Sin(0.7 * x) * Math.Cos((0.5 * y) + z);
                    values[i] = (float)(amplitude * (smooth + (random.NextDouble() / 2)));
                    var (u, v, w) = (FromCentre(x, width), FromCentre(y, height), FromCentre(z, depth));
                    mask[i] = (byte)((u * u) + (v * v) + (w * w) < 1.1 && random.NextDouble() >= holes ? 1 : 0);
                }
            }
        }

        mask[(((depth / 2) * height) + (height / 2)) * width] = 1;
        return (ToVolume(values, width, height, depth), new Mask(mask, width, height, depth));
    }

    /// <summary>From −1 to 1 along a side.</summary>
    private static double FromCentre(int at, int side) => ((2.0 * at) + 1 - side) / side;

    private static IEnumerable<string> Lines(string resource)
    {
        using var stream = typeof(RadiomicsData).Assembly.GetManifestResourceStream(resource)
            ?? throw new FileNotFoundException($"No embedded file {resource}.");
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().ReplaceLineEndings("\n").Split('\n').Where(l => !l.StartsWith('#'))];
    }
}
