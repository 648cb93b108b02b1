using System.Globalization;
using System.IO.Compression;
using System.Security;
using System.Text;
using DocumentFormat.OpenXml.Packaging;

namespace TumorFunctions.Core.Reports.Office;

/// <summary>What the two Office formats share: a zip whose bytes depend on its content alone, and the file's properties.</summary>
internal static class OfficePackage
{
    // The least that a zip can say.
    private static readonly DateTimeOffset Earliest = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes a package with the report's date on every entry, where the library would put the time of writing.</summary>
    public static void Write(Stream destination, DateTimeOffset date, Action<Stream> write)
    {
        using var built = new MemoryStream();
        write(built);
        built.Position = 0;
        using var source = new ZipArchive(built, ZipArchiveMode.Read);
        using var target = new ZipArchive(destination, ZipArchiveMode.Create, leaveOpen: true);
        foreach (var entry in source.Entries)
        {
            var copy = target.CreateEntry(entry.FullName, CompressionLevel.Optimal);
            copy.LastWriteTime = date < Earliest ? Earliest : date.ToUniversalTime();
            using var from = entry.Open();
            using var to = copy.Open();
            from.CopyTo(to);
        }
    }

    public static void AddProperties(OpenXmlPackage package, ReportDocument report)
    {
        var part = package.AddNewPart<CoreFilePropertiesPart>("rIdCore");
        var time = report.Date.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var xml =
            $"""
            <?xml version="1.0" encoding="UTF-8" standalone="yes"?>
            <cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>{Escape($"{report.Title} {report.Number}")}</dc:title><dc:creator>{Escape(report.Author)}</dc:creator><dcterms:created xsi:type="dcterms:W3CDTF">{time}</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">{time}</dcterms:modified></cp:coreProperties>
            """;
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(xml));
        part.FeedData(content);
    }

    private static string Escape(string text) => SecurityElement.Escape(ReportText.CleanLine(text))!;
}
