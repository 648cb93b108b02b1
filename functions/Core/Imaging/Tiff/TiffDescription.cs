using System.Globalization;

namespace TumorFunctions.Core.Imaging.Tiff;

/// <summary>
/// Physical sizes that programs of microscopy and radiology write into ImageDescription: ImageJ's lines, or OME's XML.
/// They name their unit, unlike the resolution fields.
/// </summary>
internal static class TiffDescription
{
    private const double MaxSpacing = 1000;

    /// <summary>Spacing in mm, or null where the description states none.</summary>
    /// <param name="xResolution">Pixels a unit, from the directory: ImageJ gives the unit in its description.</param>
    public static VoxelSpacing? FindSpacing(string description, double? xResolution, double? yResolution)
    {
        VoxelSpacing? spacing = IsImageJ(description) ? FromImageJ(description, xResolution, yResolution)
            : IsOme(description) ? FromOme(description)
            : null;
        return spacing is { } s && IsPlausible(s.X) && IsPlausible(s.Y) && IsPlausible(s.Z) ? spacing : null;
    }

    /// <summary>Whether the description is of a kind that states sizes with their units.</summary>
    public static bool NamesUnits(string description) => IsImageJ(description) || IsOme(description);

    private static bool IsImageJ(string description) => description.StartsWith("ImageJ=", StringComparison.Ordinal);

    private static bool IsOme(string description) => description.Contains("<OME", StringComparison.Ordinal);

    private static bool IsPlausible(double millimetres) => millimetres is > 0 and < MaxSpacing;

    private static VoxelSpacing? FromImageJ(string description, double? xResolution, double? yResolution)
    {
        Dictionary<string, string> lines = [];
        foreach (string line in description.Split('\n'))
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
                lines.TryAdd(line[..equals].Trim(), line[(equals + 1)..].Trim());
        }

        if (!lines.TryGetValue("unit", out string? unit) || Millimetres(unit) is not { } scale
            || xResolution is not { } x || yResolution is not { } y)
        {
            return null;
        }

        double depth = lines.TryGetValue("spacing", out string? text) && Parse(text) is { } z ? Math.Abs(z) * scale : 1;
        return new VoxelSpacing(scale / x, scale / y, depth);
    }

    private static VoxelSpacing? FromOme(string description)
    {
        double? x = FromOme(description, "PhysicalSizeX");
        double? y = FromOme(description, "PhysicalSizeY");
        return x is null || y is null ? null : new VoxelSpacing(x.Value, y.Value, FromOme(description, "PhysicalSizeZ") ?? 1);
    }

    private static double? FromOme(string description, string name)
    {
        const string defaultUnit = "µm";
        return Parse(Attribute(description, name) ?? "") is { } size
            && Millimetres(Attribute(description, name + "Unit") ?? defaultUnit) is { } scale
            ? size * scale
            : null;
    }

    private static string? Attribute(string xml, string name)
    {
        int start = xml.IndexOf($" {name}=\"", StringComparison.Ordinal);
        if (start < 0)
            return null;

        start += name.Length + 3;
        int end = xml.IndexOf('"', start);
        return end < 0 ? null : xml[start..end];
    }

    private static double? Parse(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : null;

    private static double? Millimetres(string unit) => unit switch
    {
        "mm" or "millimeter" or "millimetre" => 1,
        "cm" or "centimeter" or "centimetre" => 10,
        "um" or "µm" or "μm" or "micron" or "microns" or "\\u00B5m" => 0.001,
        "nm" => 1e-6,
        "m" => 1000,
        _ => null,
    };
}
