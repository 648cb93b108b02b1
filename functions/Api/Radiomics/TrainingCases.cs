using System.Text.Json;
using TumorFunctions.Api.Auth;
using TumorFunctions.Api.Http;
using TumorFunctions.Api.Images;
using TumorFunctions.Core.Learning;

namespace TumorFunctions.Api.Radiomics;

/// <param name="Features">Names in the order of every case's values.</param>
public sealed record TrainingSet(IReadOnlyList<LabelledCase> Cases, IReadOnlyList<string> Features, IReadOnlyList<string> Notes)
{
    public IReadOnlyList<ClassCounts> Count(IReadOnlyList<LabelledCase> test) => [.. Cases
        .GroupBy(item => item.Label, StringComparer.Ordinal)
        .OrderBy(label => label.Key, StringComparer.Ordinal)
        .Select(label => new ClassCounts(
            label.Key,
            label.Count(),
            label.Select(item => item.Group).Distinct(StringComparer.Ordinal).Count(),
            test.Count(item => item.Label == label.Key)))];
}

/// <summary>
/// Cases to learn from: every image with a tumour in its mask in force and a class in its record. The features are those that were
/// measured when the mask was drawn, with the default options; the reference's short names are left out, as they repeat others.
/// </summary>
public sealed class TrainingCases(ImageStore images)
{
    private const string DiagnosisLabel = "diagnosis";
    private const int MaxCases = 20_000;
    private const int MaxClasses = 10;
    private const int MinCases = 6;
    private const int MinPatients = 2;

    /// <param name="label">diagnosis, or a key of annotation_data.</param>
    /// <exception cref="ValidationException">There are too few cases, one class only, or too many classes.</exception>
    public async Task<TrainingSet> CollectAsync(string label, Caller caller, CancellationToken cancellationToken)
    {
        List<(string Group, string Label, IReadOnlyDictionary<string, double?> Features)> found = [];
        List<string> notes = [];
        var unlabelled = 0;
        await foreach (var image in images.AllAsync(cancellationToken))
        {
            if (!caller.CanView(image) || image.Mask is not { RadiomicsFeatures.Count: > 0 } mask)
            {
                continue;
            }

            if (ClassOf(image, label) is not { } value)
            {
                unlabelled++;
                continue;
            }

            found.Add((GroupOf(image), value, mask.RadiomicsFeatures));
            if (found.Count == MaxCases)
            {
                notes.Add($"仅使用最近的 {MaxCases} 例");
                break;
            }
        }

        if (unlabelled > 0)
        {
            notes.Add($"{unlabelled} 例影像没有标签 {label}，未用于训练");
        }

        var names = CommonFeatures([.. found.Select(item => item.Features)]);
        var set = new TrainingSet(
            [.. found.Select(item => new LabelledCase(
                item.Group, item.Label, [.. names.Select(name => (float)item.Features[name]!.Value)]))],
            names,
            notes);
        Require(set, label, unlabelled);
        return set;
    }

    /// <summary>The values of an image in the order of the names; null where one of them is missing.</summary>
    public static float[]? ValuesOf(IReadOnlyDictionary<string, double?> features, IReadOnlyList<string> names)
    {
        var values = new float[names.Count];
        for (var i = 0; i < values.Length; i++)
        {
            if (!features.TryGetValue(names[i], out var value) || !IsUsable(value))
            {
                return null;
            }

            values[i] = (float)value!.Value;
        }

        return values;
    }

    private static string[] CommonFeatures(IReadOnlyList<IReadOnlyDictionary<string, double?>> cases) => cases.Count == 0
        ? []
        : [.. cases[0].Keys
            .Where(name => char.IsAsciiLetterLower(name[0]))
            .Where(name => cases.All(item => item.TryGetValue(name, out var value) && IsUsable(value)))
            .Order(StringComparer.Ordinal)];

    private static bool IsUsable(double? value) => value is { } number && float.IsFinite((float)number);

    private static string GroupOf(ImageRecord image) =>
        image.PatientId is { } patient ? $"patient:{patient}" : $"image:{image.ImageId}";

    private static string? ClassOf(ImageRecord image, string label)
    {
        if (label == DiagnosisLabel)
        {
            return string.IsNullOrWhiteSpace(image.Diagnosis) ? null : image.Diagnosis.Trim();
        }

        using var data = JsonDocument.Parse(image.AnnotationData);
        if (data.RootElement.ValueKind != JsonValueKind.Object || !data.RootElement.TryGetProperty(label, out var value))
        {
            return null;
        }

        return value.ValueKind switch
        {
            JsonValueKind.String when value.GetString() is { } text && !string.IsNullOrWhiteSpace(text) => text.Trim(),
            JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False => value.GetRawText(),
            _ => null,
        };
    }

    private static void Require(TrainingSet set, string label, int unlabelled)
    {
        var counts = set.Count([]);
        var each = counts.Count == 0
            ? "没有可用病例"
            : string.Join("，", counts.Take(MaxClasses).Select(item => $"{Short(item.Label)}: {item.Cases} 例 ({item.Patients} 名患者)"));
        var needed = $"需要至少两个类别，每类至少 {MinCases} 例且来自至少 {MinPatients} 名患者；当前 {each}"
            + (unlabelled > 0 ? $"；另有 {unlabelled} 例没有标签 {label}" : "");
        if (counts.Count < 2)
        {
            throw new ValidationException(counts.Count == 0 ? "训练样本不足" : "训练样本只有一个类别", needed);
        }

        if (counts.Count > MaxClasses)
        {
            throw new ValidationException($"标签 {label} 有 {counts.Count} 个不同的值，最多支持 {MaxClasses} 个类别", needed);
        }

        if (counts.Any(item => item.Cases < MinCases || item.Patients < MinPatients))
        {
            throw new ValidationException("训练样本不足", needed);
        }

        if (set.Features.Count == 0)
        {
            throw new ValidationException("没有所有病例共有的影像组学特征", "请重新分析这些影像");
        }
    }

    private static string Short(string text) => text.Length <= 40 ? text : string.Concat(text.AsSpan(0, 40), "…");
}
