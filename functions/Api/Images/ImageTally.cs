using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using TumorFunctions.Storage;

namespace TumorFunctions.Api.Images;

/// <summary>
/// What records add to the statistics: whole numbers under (document, field). Each block of records has its counter documents in its own
/// partition, so that a record and what it counts for change in one batch; a month's days share a document, so that a year is read in
/// thirteen.
/// </summary>
public sealed class ImageTally
{
    /// <summary>Totals of the block: images, tumors, unanalysed, unvalidated.</summary>
    public const string Totals = "counts";

    /// <summary>Images by who uploaded them, under <c>u{user id}</c>.</summary>
    public const string Uploaders = "uploaders";

    /// <summary>Grows with every change of a counter document.</summary>
    public const string Revision = "revision";

    private readonly Dictionary<(string Document, string Field), long> _values = [];

    public IEnumerable<string> Documents => _values.Keys.Select(key => key.Document).Distinct(StringComparer.Ordinal);

    public static ImageTally Of(ImageRecord image)
    {
        var tally = new ImageTally();
        var analysed = image.Analysis is not null || image.Annotation is not null;
        tally.Add(Totals, "images", 1);
        tally.Add(Totals, "tumors", image.TumorDetected ? 1 : 0);
        tally.Add(Totals, "unanalysed", analysed ? 0 : 1);
        tally.Add(Totals, "unvalidated", analysed && !image.IsValidated ? 1 : 0);
        tally.Add(Uploaders, UploaderField(image.UploadedBy), 1);

        var day = DateOnly.FromDateTime(image.UploadedAt.UtcDateTime);
        var judged = Agrees(image);
        tally.Add(MonthOf(day), DayField('c', day), 1);
        tally.Add(MonthOf(day), DayField('v', day), judged is null ? 0 : 1);
        tally.Add(MonthOf(day), DayField('a', day), judged is true ? 1 : 0);
        return tally;
    }

    /// <summary>
    /// Whether model and clinician agree on a validated, analysed record that there is a tumour or that there is none: the clinician's
    /// mask says so, and without one the validation stands for the finding as it is. Null for every other record.
    /// </summary>
    public static bool? Agrees(ImageRecord image) =>
        !image.IsValidated || image.Analysis is not { } analysis
            ? null
            : image.Annotation is not { } annotation || analysis.TumorDetected == !annotation.Mask.IsEmpty;

    public static string MonthOf(DateOnly day) => day.ToString("'month-'yyyy-MM", CultureInfo.InvariantCulture);

    /// <param name="kind">c: uploaded on the day (UTC); v: of these, validated and analysed; a: of these, in agreement.</param>
    public static string DayField(char kind, DateOnly day) => string.Create(CultureInfo.InvariantCulture, $"{kind}{day.Day:00}");

    public static string UploaderField(int userId) => string.Create(CultureInfo.InvariantCulture, $"u{userId}");

    public void Add(ImageTally other, int sign = 1)
    {
        foreach (var ((document, field), value) in other._values)
        {
            Add(document, field, sign * value);
        }
    }

    /// <summary>One increment a document whose numbers change.</summary>
    public IEnumerable<DocumentWrite> Increments() => _values
        .Where(item => item.Value != 0)
        .GroupBy(item => item.Key.Document, StringComparer.Ordinal)
        .Select(document => new DocumentWrite.Increment(
            document.Key, document.Append(new((document.Key, Revision), 1)).ToDictionary(item => item.Key.Field, item => item.Value)));

    /// <summary>The numbers of one document.</summary>
    public Dictionary<string, long> Fields(string document) =>
        _values.Where(item => item.Key.Document == document && item.Value != 0).ToDictionary(item => item.Key.Field, item => item.Value);

    private void Add(string document, string field, long value) =>
        _values[(document, field)] = _values.GetValueOrDefault((document, field)) + value;
}

/// <summary>A counter document as it is read; fields that were never counted are 0.</summary>
public sealed class Counters
{
    [JsonExtensionData]
    public Dictionary<string, JsonElement> Values { get; set; } = [];

    public long this[string field] => Values.TryGetValue(field, out var value) && value.TryGetInt64(out var number) ? number : 0;
}
