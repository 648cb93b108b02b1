using DocumentFormat.OpenXml.Wordprocessing;

namespace TumorFunctions.Core.Reports.Office;

/// <summary>The paragraph styles of a DOCX.</summary>
internal static class DocxStyles
{
    public const string Body = "Normal";
    public const string Title = "Title";
    public const string Subtitle = "Subtitle";
    public const string Heading = "Heading1";
    public const string Label = "Label";
    public const string Cell = "Cell";
    public const string CellHeading = "CellHeading";
    public const string Number = "Number";
    public const string Caption = "Caption";
    public const string Furniture = "Furniture";

    private const string Ink = "1F2933";
    private const string Soft = "6B7785";
    private const string Accent = "0F5E7D";

    public static Styles Create() => new(
        new DocDefaults(
            new RunPropertiesDefault(new RunPropertiesBaseStyle(
                new RunFonts { Ascii = "Arial", HighAnsi = "Arial", ComplexScript = "Arial", EastAsia = "Microsoft YaHei" },
                new Languages { Val = "en-US", EastAsia = "zh-CN" })),
            new ParagraphPropertiesDefault()),
        Paragraph(Body, "Normal", 19, Ink, after: 40, isDefault: true),
        Paragraph(Title, "Title", 38, Ink, after: 40),
        Paragraph(Subtitle, "Subtitle", 19, Soft, after: 120),
        Paragraph(Heading, "heading 1", 23, Accent, after: 80, before: 240, isHeading: true),
        Paragraph(Label, "Label", 19, Soft, after: 40),
        Paragraph(Cell, "Cell", 16, Ink, after: 20, before: 20),
        Paragraph(CellHeading, "Cell Heading", 16, Accent, after: 20, before: 20),
        Paragraph(Number, "Number", 16, Ink, after: 20, before: 20, justification: JustificationValues.Right),
        Paragraph(Caption, "caption", 16, Soft, after: 60),
        Paragraph(Furniture, "Furniture", 16, Soft));

    private static Style Paragraph(
        string id,
        string name,
        int halfPoints,
        string colour,
        int after = 0,
        int before = 0,
        bool isDefault = false,
        bool isHeading = false,
        JustificationValues? justification = null)
    {
        var layout = new StyleParagraphProperties();
        if (isHeading)
        {
            layout.Append(new KeepNext());
        }

        layout.Append(new SpacingBetweenLines { Before = $"{before}", After = $"{after}" });
        if (justification is { } side)
        {
            layout.Append(new Justification { Val = side });
        }

        if (isHeading)
        {
            layout.Append(new OutlineLevel { Val = 0 });
        }

        return new Style(
            new StyleName { Val = name },
            layout,
            new StyleRunProperties(
                new Color { Val = colour }, new FontSize { Val = $"{halfPoints}" }, new FontSizeComplexScript { Val = $"{halfPoints}" }))
        {
            Type = StyleValues.Paragraph,
            StyleId = id,
            Default = isDefault ? true : null,
            CustomStyle = id is Label or Cell or CellHeading or Number or Furniture ? true : null,
        };
    }
}
