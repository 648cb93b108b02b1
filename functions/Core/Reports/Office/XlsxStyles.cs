using System.Text.RegularExpressions;
using DocumentFormat.OpenXml;
using DocumentFormat.OpenXml.Spreadsheet;

namespace TumorFunctions.Core.Reports.Office;

/// <summary>The cell styles of an XLSX: some for text, and one a number format.</summary>
internal sealed partial class XlsxStyles(IEnumerable<string> formats)
{
    public const uint Text = 0;
    public const uint Title = 1;
    public const uint Heading = 2;
    public const uint Label = 3;
    private const uint FirstNumber = 4;
    private const uint FirstFormatId = 164;

    private readonly List<string> _formats = [.. formats.Distinct().Order(StringComparer.Ordinal)];

    public uint Of(string format) => FirstNumber + (uint)_formats.IndexOf(format);

    /// <summary>Text that looks like an escape of the format (_x0041_) stays what it is (ECMA-376 part 1, 22.9.2.19).</summary>
    public static string Escape(string text) => EscapeLike().Replace(text, "_x005F$0");

    public Stylesheet Create()
    {
        var sheet = new Stylesheet();
        if (_formats.Count > 0)
        {
            sheet.Append(new NumberingFormats(_formats.Select((format, i) => new NumberingFormat
            {
                NumberFormatId = FirstFormatId + (uint)i,
                FormatCode = format,
            })));
        }

        sheet.Append(
            new DocumentFormat.OpenXml.Spreadsheet.Fonts(Letter(10, "FF1F2933"), Letter(16, "FF1F2933"), Letter(10, "FF0F5E7D", bold: true), Letter(10, "FF6B7785")),
            new Fills(
                new Fill(new PatternFill { PatternType = PatternValues.None }),
                new Fill(new PatternFill { PatternType = PatternValues.Gray125 }),
                new Fill(new PatternFill(new ForegroundColor { Rgb = "FFEEF3F7" }) { PatternType = PatternValues.Solid })),
            new Borders(new Border(new LeftBorder(), new RightBorder(), new TopBorder(), new BottomBorder(), new DiagonalBorder())),
            new CellStyleFormats(new CellFormat()),
            new CellFormats(
            [
                TextFormat(font: 0, fill: 0),
                TextFormat(font: 1, fill: 0, wrap: false),
                TextFormat(font: 2, fill: 2),
                TextFormat(font: 3, fill: 0, wrap: false),
                .. _formats.Select((_, i) => new CellFormat { NumberFormatId = FirstFormatId + (uint)i, ApplyNumberFormat = true, FontId = 0 }),
            ]));
        return sheet;
    }

    private static CellFormat TextFormat(uint font, uint fill, bool wrap = true) =>
        new(new Alignment { WrapText = wrap, Vertical = VerticalAlignmentValues.Top })
        {
            FontId = font,
            FillId = fill,
            ApplyFont = true,
            ApplyFill = true,
            ApplyAlignment = true,

            // A cell that is edited stays text, too.
            QuotePrefix = true,
        };

    private static Font Letter(double size, string colour, bool bold = false)
    {
        OpenXmlElement[] rest = [new FontSize { Val = size }, new Color { Rgb = colour }, new FontName { Val = "Microsoft YaHei" }];
        return bold ? new Font([new Bold(), .. rest]) : new Font(rest);
    }

    [GeneratedRegex("_(?=x[0-9A-Fa-f]{4}_)")]
    private static partial Regex EscapeLike();
}
