using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using TumorFunctions.Api.Http;
using TumorFunctions.Core.Imaging;
using TumorFunctions.Core.Radiomics;

namespace TumorFunctions.Api.Radiomics;

/// <summary>Which features of which image a request asks for.</summary>
public sealed record ExtractionOptions(int ImageId, RadiomicsOptions Options)
{
    private const int MaxBins = 8192;
    private const double MinSpacing = 0.01;
    private const double MaxSpacing = 100;

    // Another number for every change of what is computed, so that no answer of old is given for it.
    private const int Revision = 1;

    /// <exception cref="ValidationException">A parameter is missing, malformed or out of range.</exception>
    public static ExtractionOptions Read(HttpRequest request)
    {
        var query = RequestFields.FromQuery(
            request, "image_id", "convention", "bin_width", "bin_count", "resample", "aggregation", "force2d");
        var imageId = query.WholeNumber("image_id", 1, int.MaxValue) ?? throw new ValidationException("缺少参数 image_id");
        var width = query.Number("bin_width", 1e-9, 1e9);
        var count = query.WholeNumber("bin_count", 1, MaxBins);
        if (width is not null && count is not null)
        {
            throw new ValidationException("参数 bin_width 和 bin_count 只能给出一个");
        }

        return new ExtractionOptions(imageId, new RadiomicsOptions
        {
            BinWidth = width ?? RadiomicsOptions.Default.BinWidth,
            BinCount = count,
            Convention = query.Text("convention")?.ToLowerInvariant() switch
            {
                null or "pyradiomics" => RadiomicsConvention.PyRadiomics,
                "ibsi" => RadiomicsConvention.Ibsi,
                _ => throw new ValidationException("参数 convention 必须是 pyradiomics 或 ibsi"),
            },
            Aggregation = query.Text("aggregation")?.ToLowerInvariant() switch
            {
                null or "averaged" => TextureAggregation.Averaged,
                "merged" => TextureAggregation.Merged,
                _ => throw new ValidationException("参数 aggregation 必须是 averaged 或 merged"),
            },
            Force2D = query.Flag("force2d") ?? false,
            Resampling = Resampling(query.Text("resample")),
        });
    }

    /// <summary>The same for the same question: the options, and the lengths that a user stated for the image.</summary>
    public string KeyFor(double? pixelSpacing, double? sliceThickness)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{Revision}|{Options.Convention}|{Options.BinWidth:R}|{Options.BinCount}|{Options.Aggregation}|{Options.Force2D}|{Options.Resampling}|{pixelSpacing:R}|{sliceThickness:R}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
    }

    // One length for all axes, or one for each; 0 leaves an axis as it is.
    private static VoxelSpacing? Resampling(string? text)
    {
        if (text is null)
        {
            return null;
        }

        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        var lengths = new double[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out lengths[i])
                || !(lengths[i] == 0 || (lengths[i] >= MinSpacing && lengths[i] <= MaxSpacing)))
            {
                throw Malformed();
            }
        }

        return lengths switch
        {
            [var all] => new VoxelSpacing(all, all, all),
            [var x, var y, var z] => new VoxelSpacing(x, y, z),
            _ => throw Malformed(),
        };

        static ValidationException Malformed() => new(string.Create(
            CultureInfo.InvariantCulture, $"参数 resample 必须是一个或三个以逗号分隔的间距 (mm)，每个为 0 或 {MinSpacing} 到 {MaxSpacing}"));
    }
}
