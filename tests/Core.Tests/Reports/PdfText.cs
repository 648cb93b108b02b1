using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace TumorFunctions.Core.Tests.Reports;

/// <summary>Just enough of a PDF reader: the strings that the pages show, as any viewer copies them (ISO 32000-1, 9.10.3).</summary>
internal sealed partial class PdfText
{
    private readonly string _file;

    public PdfText(byte[] pdf)
    {
        _file = Encoding.Latin1.GetString(pdf);
        var toUnicode = new Dictionary<int, string>();
        List<IReadOnlyList<string>> pages = [];
        foreach (Match stream in Streams().Matches(_file))
        {
            var length = int.Parse(stream.Groups["length"].Value, CultureInfo.InvariantCulture);
            if (stream.Value.Contains("/Image", StringComparison.Ordinal))
            {
                continue;
            }

            using var content = new ZLibStream(
                new MemoryStream(pdf, stream.Index + stream.Length, length), CompressionMode.Decompress);
            using var reader = new StreamReader(content, Encoding.Latin1);
            var text = reader.ReadToEnd();
            if (text.Contains("begincmap", StringComparison.Ordinal))
            {
                ReadMap(text, toUnicode);
            }
            else if (text.Contains(" Tj", StringComparison.Ordinal))
            {
                pages.Add([.. Shown().Matches(text).Select(shown => shown.Groups[1].Value)]);
            }
        }

        Pages = [.. pages.Select(page => page.Select(codes => Decode(codes, toUnicode)).ToArray())];
    }

    /// <summary>The strings of each page in the order in which they are drawn.</summary>
    public IReadOnlyList<string[]> Pages { get; }

    /// <summary>All that is drawn, without spaces.</summary>
    public string Letters => Squeeze(string.Concat(Pages.SelectMany(page => page)));

    public bool EmbedsFont => _file.Contains("/FontFile2", StringComparison.Ordinal);

    public static string Squeeze(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));

    private static string Decode(string codes, Dictionary<int, string> toUnicode) => string.Concat(
        codes.Chunk(4).Select(code => toUnicode[int.Parse(code, NumberStyles.HexNumber, CultureInfo.InvariantCulture)]));

    private static void ReadMap(string text, Dictionary<int, string> toUnicode)
    {
        foreach (Match section in Sections().Matches(text))
        {
            var isRange = section.Groups[1].Value == "range";
            var entry = isRange ? Ranges() : Characters();
            foreach (Match match in entry.Matches(section.Groups[2].Value))
            {
                var first = Hex(match.Groups[1].Value);
                var last = isRange ? Hex(match.Groups[2].Value) : first;
                var target = match.Groups[isRange ? 3 : 2].Value;
                for (var code = first; code <= last; code++)
                {
                    var units = target.Chunk(4).Select(unit => (char)Hex(new string(unit))).ToArray();
                    units[^1] += (char)(code - first);
                    toUnicode[code] = new string(units);
                }
            }
        }
    }

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\d+ 0 obj\n<<(?:(?!endobj)[\s\S])*?/Length (?<length>\d+)>> stream\n")]
    private static partial Regex Streams();

    [GeneratedRegex("<([0-9A-F]+)> Tj")]
    private static partial Regex Shown();

    [GeneratedRegex(@"beginbf(char|range)\n([\s\S]*?)endbf")]
    private static partial Regex Sections();

    [GeneratedRegex("<([0-9A-F]{4})> <([0-9A-F]+)>")]
    private static partial Regex Characters();

    [GeneratedRegex("<([0-9A-F]{4})> <([0-9A-F]{4})> <([0-9A-F]+)>")]
    private static partial Regex Ranges();
}
