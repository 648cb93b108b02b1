using System.Collections.Concurrent;
using System.Text;
using HarfBuzzSharp;
using SkiaSharp;

namespace TumorFunctions.Core.Reports.Fonts;

/// <summary>
/// The one font of the reports, WenQuanYi Micro Hei, which travels inside the assembly. It has Latin, Greek, Cyrillic, Hangul and the
/// Chinese of GB 2312 and most of the rest of the basic plane.
/// </summary>
internal sealed class ReportFont : IDisposable
{
    private const string Resource = "wqy-microhei.ttc";

    // Glyphs that the font has, yet left blank.
    private static readonly Dictionary<int, string> Replacements = new()
    {
        [0x2103] = "°C",
        [0x2109] = "°F",
        [0x212B] = "Å",
        [0x2164] = "V",
        [0x2169] = "X",
        [0x223C] = "~",
    };

    private static readonly Lazy<ReportFont> Loaded = new(Load);

    private readonly Face _face;
    private readonly Font _font;
    private readonly ConcurrentDictionary<int, float?> _advances = new();
    private readonly Lock _lock = new();

    private ReportFont(Face face)
    {
        _face = face;
        _font = new Font(face);
        _font.SetFunctionsOpenType();
    }

    public static ReportFont Default => Loaded.Value;

    /// <summary>
    /// The text in characters that the font can show: those that it has blank or not at all are replaced by what they stand for
    /// (℃ by °C) or by their code, [U+1F642], so that a reader sees that something stood there. Line feeds stay.
    /// </summary>
    public string Showable(string text)
    {
        StringBuilder? shown = null;
        var position = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            var replacement = rune.Value == '\n' || AdvanceOf(rune.Value) is not null
                ? null
                : Replacements.GetValueOrDefault(rune.Value) ?? $"[U+{rune.Value:X4}]";
            if (replacement is not null)
            {
                shown ??= new StringBuilder(text, 0, position, text.Length + 16);
                shown.Append(replacement);
            }
            else
            {
                shown?.Append(rune);
            }

            position += rune.Utf16SequenceLength;
        }

        return shown?.ToString() ?? text;
    }

    /// <summary>How far a showable text reaches at size 1.</summary>
    public double WidthOf(ReadOnlySpan<char> text)
    {
        double width = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            width += AdvanceOf(rune.Value) ?? 0;
        }

        return width;
    }

    /// <summary>The font with the glyphs of these texts alone.</summary>
    public SKTypeface Subset(IEnumerable<string> texts)
    {
        var characters = new SortedSet<int>(texts.SelectMany(text => text.EnumerateRunes()).Select(rune => rune.Value));
        byte[] file;
        lock (_lock)
        {
            file = SubsetFont.Create(_face, characters);
        }

        using var data = SKData.CreateCopy(file);
        return SKTypeface.FromData(data) ?? throw new InvalidOperationException("The subset of the reports' font cannot be read.");
    }

    /// <summary>Null for a character that the font cannot show.</summary>
    private float? AdvanceOf(int character) => _advances.GetOrAdd(character, Measure);

    private float? Measure(int character)
    {
        lock (_lock)
        {
            if (!_font.TryGetNominalGlyph((uint)character, out var glyph) || glyph == 0)
            {
                return null;
            }

            var isBlank = !_font.TryGetGlyphExtents(glyph, out var extents) || (extents.Width == 0 && extents.Height == 0);
            return isBlank && !Rune.IsWhiteSpace(new Rune(character))
                ? null
                : (float)_font.GetHorizontalGlyphAdvance(glyph) / _face.UnitsPerEm;
        }
    }

    public void Dispose()
    {
        _font.Dispose();
        _face.Dispose();
    }

    private static unsafe ReportFont Load()
    {
        // Resources are mapped memory that stays as long as the assembly, so the font is not copied.
        var stream = (UnmanagedMemoryStream)(typeof(ReportFont).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"{Resource} is missing from the assembly."));
        using var blob = new Blob((nint)stream.PositionPointer, (int)stream.Length, MemoryMode.ReadOnly);
        return new ReportFont(new Face(blob, 0));
    }
}
