using System.Globalization;

namespace TumorFunctions.Core.Imaging.Dicom;

/// <summary>Reads what a data set says of patient and study, in the terms of the record.</summary>
internal static class DicomStudy
{
    private const int MaxAge = 150;

    private static readonly Dictionary<string, string> Modalities = new()
    {
        ["MR"] = "MRI",
        ["PT"] = "PET",
        ["US"] = "Ultrasound",
        ["CR"] = "X-ray",
        ["DX"] = "X-ray",
        ["RF"] = "X-ray",
        ["XA"] = "X-ray",
    };

    public static StudyFacts Read(DicomDataSet dataSet)
    {
        DateOnly? studyDate = FindDate(dataSet);
        return new StudyFacts
        {
            PatientId = DicomText.Decode(dataSet, DicomTag.PatientId),
            PatientName = DicomText.DecodeName(dataSet, DicomTag.PatientName),
            Age = ParseAge(dataSet.Text(DicomTag.PatientAge)) ?? AgeAt(studyDate, ParseDate(dataSet.Text(DicomTag.PatientBirthDate))),
            Gender = dataSet.Text(DicomTag.PatientSex)?.ToUpperInvariant() is ("M" or "F" or "O") and var sex ? sex : null,
            StudyDate = studyDate?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            Modality = dataSet.Text(DicomTag.Modality) is { } code ? Modalities.GetValueOrDefault(code, code) : null,
            BodyPart = dataSet.Text(DicomTag.BodyPartExamined) is { } part ? part[..1].ToUpperInvariant() + part[1..].ToLowerInvariant() : null,
            Institution = DicomText.Decode(dataSet, DicomTag.InstitutionName),
        };
    }

    private static DateOnly? FindDate(DicomDataSet dataSet)
    {
        foreach (uint tag in (ReadOnlySpan<uint>)[DicomTag.StudyDate, DicomTag.SeriesDate, DicomTag.AcquisitionDate, DicomTag.ContentDate])
        {
            if (ParseDate(dataSet.Text(tag)) is { } date)
                return date;
        }

        return null;
    }

    // yyyyMMdd; yyyy.MM.dd before 1993.
    private static DateOnly? ParseDate(string? text) =>
        DateOnly.TryParseExact(text, ["yyyyMMdd", "yyyy.MM.dd"], CultureInfo.InvariantCulture, DateTimeStyles.None, out DateOnly date)
            ? date
            : null;

    // Three digits and a unit: days, weeks, months or years. Devices write 000Y where nothing was entered.
    private static int? ParseAge(string? text)
    {
        if (text is not { Length: >= 2 } || !int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
            return null;

        double? years = text[^1] switch
        {
            'Y' => number > 0 ? number : null,
            'M' => number / 12.0,
            'W' => number / 52.18,
            'D' => number / 365.25,
            _ => null,
        };
        return years <= MaxAge ? (int)years : null;
    }

    private static int? AgeAt(DateOnly? date, DateOnly? birth)
    {
        if (date is not { } at || birth is not { } born || born > at)
            return null;

        int years = at.Year - born.Year - (at < born.AddYears(at.Year - born.Year) ? 1 : 0);
        return years <= MaxAge ? years : null;
    }
}
