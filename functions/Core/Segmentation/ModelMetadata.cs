using System.Globalization;

namespace TumorFunctions.Core.Segmentation;

/// <summary>What exporters write into an ONNX file's metadata_props; null where it is silent or not understood.</summary>
internal sealed record ModelMetadata
{
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>Height and width.</summary>
    public (int Height, int Width)? ImageSize { get; init; }

    public int? Stride { get; init; }

    /// <summary>Non-maximum suppression is part of the network.</summary>
    public bool Suppressed { get; init; }

    /// <summary>A card of the facts that the file itself states; without figures.</summary>
    public required ModelCard Card { get; init; }

    public static ModelMetadata From(string name, IReadOnlyDictionary<string, string> properties, ICollection<string> warnings)
    {
        var text = properties.GetValueOrDefault("names");
        string[]? names = null;
        if (text is not null && !PythonNames.TryParse(text, out names))
            warnings.Add("the metadata's names are not a Python dict or list of strings; classes are numbered instead");
        var size = ReadSize(properties.GetValueOrDefault("imgsz"));
        return new ModelMetadata
        {
            Names = names,
            ImageSize = size,
            Stride = ReadStride(properties.GetValueOrDefault("stride")),
            Suppressed = IsTrue(properties.GetValueOrDefault("end2end")) ||
                (properties.GetValueOrDefault("args")?.Contains("'nms': True", StringComparison.Ordinal) ?? false),
            Card = new ModelCard
            {
                Name = name,
                Version = properties.GetValueOrDefault("version"),
                Architecture = properties.GetValueOrDefault("description"),
                Framework = properties.GetValueOrDefault("author")?.ToLowerInvariant(),
                Task = properties.GetValueOrDefault("task"),
                Classes = names ?? [],
                InputSize = size is { } s ? [s.Height, s.Width] : null,
                Licence = properties.GetValueOrDefault("license"),
                CreatedAt = properties.GetValueOrDefault("date"),
            },
        };
    }

    private static (int Height, int Width)? ReadSize(string? text)
    {
        var sides = (text ?? "").Trim(' ', '[', ']', '(', ')').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return sides.Length is 1 or 2 && IsSide(sides[0], out var height) && IsSide(sides[^1], out var width) ? (height, width) : null;
    }

    private static bool IsSide(string text, out int side) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out side) && side > 0;

    private static int? ReadStride(string? text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var stride) && stride is >= 1 and <= 1024 ? (int)stride : null;

    private static bool IsTrue(string? text) => string.Equals(text, "true", StringComparison.OrdinalIgnoreCase);
}
